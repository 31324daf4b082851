"""Journal records as the messages that report them to the host."""

from kiosk import record
from protocol.wire import messages

KIND = {
    record.INTENT: messages.UNSETTLED,
    record.DONE: messages.SALE,
    record.SETTLED: messages.SETTLED,
}


def body(values: dict) -> dict:
    """A record that is a report -> the message's body {key: value}."""
    kind = KIND[values["kind"]]
    named = {name: values[name] for name in ("uid", "issue", "amount_fen", "happened_s")}
    named["tmc"], named["value_fen"] = values["tmc"], values["value_fen"]
    if kind == messages.SALE or values["paid"] == 1:
        named["tmv"] = values["tmv"]
    if kind == messages.SETTLED:
        named["ref_epoch"], named["ref_counter"] = values["ref_epoch"], values["ref_counter"]
        named["paid"] = 1 if values["paid"] else 0
    return messages.body(kind, **named)
