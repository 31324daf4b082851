"""What a host sees of a journal, and does to it."""


def reports(journal):
    """[(slot, number, kind, body)] of all that the journal wants to tell, oldest first."""
    found, slot = [], 0
    while True:
        report = journal.next_report(slot)
        if report is None:
            return found
        found.append(report)
        slot = report[0] + 1


def numbers(journal):
    return [number for _, number, _, _ in reports(journal)]


def acknowledge(journal, upto=None, only=()):
    """The ledger holds these numbers: all up to `upto`, and those in `only`. Without either: all."""
    everything = upto is None and not only
    held = []
    for slot, number, _, _ in reports(journal):
        if everything or number in only or (upto is not None and number <= upto):
            held.append(slot)
    journal.acknowledged(held)
