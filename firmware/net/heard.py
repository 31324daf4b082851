"""What the host says, and who takes it. What is to be kept waits for a pause between sales."""

from hal import duty, ticks
from net.line import UP
from protocol.wire import faults, messages, resend

KEPT = 8  # verdicts, for whoever waits for one


def take(link, kind: int, values: dict, body: dict, message: bytes) -> None:  # type: ignore[no-untyped-def]
    """A message that is fresh and authentic."""
    if kind in link.takers:
        link.takers[kind](kind, values)
    if kind == messages.WELCOME:
        link.age.welcomed(values)
        link.journal.begin_epoch(values["epoch"])
        link.online, link.line.layer = True, UP
        link.ask_again = not link.store.later(_follow, link, values["allowed"])
    elif kind == messages.ACK:
        epoch, verdicts = values["epoch"], values["verdicts"]
        link.verdicts = (link.verdicts + [((epoch, one[0]), one[1]) for one in verdicts])[-KEPT:]
        duty.rouse("nfc")
        link.outbox.acknowledged(epoch, values["upto"], values["ranges"], [one[0] for one in verdicts])
        for counter, code, _balance_fen in verdicts:
            # so that a till's question is answered so after a restart too
            if code == messages.BAD_TMV and link.journal.spare():
                link.journal.close((epoch, counter))
    elif kind == resend.RESEND:
        link.outbox.asked(values)
    elif kind == resend.CLOSED:
        link.store.later(_close, link.journal, values)
    elif kind == faults.NOTED:
        link.store.told(values["fault"])
    elif kind not in link.takers and not link.store.later(_keep, link, kind, body, message):
        link.ask_again = True  # by and by
    if link.settings.trying:
        link.store.later(link.settings.heard, ticks.now())


def word(link, kind: int, values: dict) -> None:  # type: ignore[no-untyped-def]
    """A relay or decision message that is fresh; one to another request than the open one is none."""
    if link.request and values["request"] == link.request:
        link.words.append((kind, values))
        duty.rouse("nfc")


def _close(journal, values: dict) -> None:  # type: ignore[no-untyped-def]
    from kiosk import resend  # seldom

    resend.closed(journal, values["epoch"], values["sales"])


def _keep(link, kind: int, body: dict, message: bytes) -> None:  # type: ignore[no-untyped-def]
    if link.settings.take(kind, body, message):
        link.confirm = True
    link.age.compare(link.settings)
    link.stir()


def _follow(link, allowed: int) -> None:  # type: ignore[no-untyped-def]
    """Compare what we have with what the host has; it is told anew what went wrong here."""
    if allowed < link.settings.allowed_version:
        from kiosk.allowed import forget

        forget(link.settings)
        link.confirm = True
    if link.settings.rejected:
        link.confirm = True
    link.age.compare(link.settings)
    link.store.fresh = True
    link.stir()
