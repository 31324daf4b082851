"""What the host says beside its answers: orders of tills, and greetings; and what orders are told."""

from hal import duty
from protocol.wire.greeting import GREETING
from protocol.wire.till import CHARGE

KEPT = 8  # the latest; the host asks again at each hello


class Charges:
    """takers: of messages, by their kind."""

    def __init__(self, takers: dict) -> None:
        self.asked: list = []  # fields of charge messages, for kiosk/till.py
        self.said: list = []  # fields of charged messages, for the link
        self.greeting: tuple = ((0, 0), {})  # number of a report, and points, tier, birthday of its customer
        takers[CHARGE] = takers[GREETING] = self.put

    def put(self, kind: int, values: dict) -> None:
        """A charge or a greeting that came."""
        if kind == GREETING:
            return self.greet((values["epoch"], values["counter"]), values)
        self.ask(values)

    def greet(self, number: tuple[int, int], values: dict) -> None:
        """What the host says to the customer of this number."""
        self.greeting = number, values

    def ask(self, values: dict) -> None:
        """A charge, of the host or of the serial line."""
        self.asked = self.asked[1 - KEPT :]
        self.asked.append(values)

    def say(self, order: int, outcome: int, epoch: int, counter: int, reason: str) -> None:
        """How far an order is."""
        self.said = self.said[1 - KEPT :]
        values = {"order": order, "outcome": outcome, "epoch": epoch, "counter": counter, "reason": reason}
        self.said.append(values)
        duty.rouse("sync")
