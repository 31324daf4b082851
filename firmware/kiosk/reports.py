"""Journal records as the messages that report them to the host."""

from kiosk import record
from protocol.wire import messages, online

# the message that reports a record, by the record's kind; 0: it reports nothing
KIND = bytes((0, messages.UNSETTLED, messages.SALE, messages.SETTLED, 0, 0, online.REVERSAL, online.TAKEN))


def body(values: dict) -> dict:
    """A record that is a report -> the message's body {key: value}."""
    kind = KIND[values["kind"]]
    named = {name: values[name] for name in ("uid", "amount_fen", "happened_s")}
    if values["kind"] != record.SETTLED and not values["ref_epoch"] and values["ref_counter"]:
        named["order"] = values["ref_counter"]  # of the host; one of the serial line is none of its business
    if values["kind"] >= record.ASKED:
        return messages.body(kind, **named)
    named["issue"] = values["issue"]
    named["tmc"], named["value_fen"] = values["tmc"], values["value_fen"]
    if kind == messages.SALE or (kind == messages.SETTLED and values["paid"] == 1):
        named["tmv"] = values["tmv"]
    if kind == messages.SETTLED:
        named["ref_epoch"], named["ref_counter"] = values["ref_epoch"], values["ref_counter"]
        named["paid"] = 1 if values["paid"] else 0
    return messages.body(kind, **named)


def is_exposed(kind: int, paid: int) -> bool:
    """Does it tell of money that the host may not know to be gone? What it decided itself it knows."""
    return kind < record.ASKED and (kind != record.SETTLED or bool(paid))
