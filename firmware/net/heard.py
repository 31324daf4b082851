"""What the host says, and who takes it. What is to be kept waits for a pause between sales."""

from hal import ticks
from net.line import UP
from protocol.wire import faults, messages, resend


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
        link.verdicts.put(values["epoch"], values["verdicts"])
        counters = [counter for counter, _code, _balance_fen in values["verdicts"]]
        link.outbox.acknowledged(values["epoch"], values["upto"], values["ranges"], counters)
    elif kind == resend.RESEND:
        link.outbox.asked(values)
    elif kind == faults.NOTED:
        link.store.told(values["fault"])
    elif kind not in link.takers and not link.store.later(_keep, link, kind, body, message):
        link.ask_again = True  # by and by
    if link.settings.trying:
        link.store.later(link.settings.heard, ticks.now())


def _keep(link, kind: int, body: dict, message: bytes) -> None:  # type: ignore[no-untyped-def]
    if link.settings.take(kind, body, message):
        link.confirm = True
    link.age.compare(link.settings)
    link.stir()


def _follow(link, allowed: int) -> None:  # type: ignore[no-untyped-def]
    """Compare what we have with what the host has; it is told anew what went wrong here."""
    if link.settings.allowed.follow(allowed) or link.settings.rejected:
        link.confirm = True
    link.age.compare(link.settings)
    link.store.fresh = True
    link.stir()
