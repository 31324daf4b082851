"""Orders of tills on their way: what came and was not looked at yet, what was said and not sent yet."""

KEPT = 8  # the latest; the host asks again at each hello


class Charges:
    """news: an event that wakes the link."""

    def __init__(self, news) -> None:  # type: ignore[no-untyped-def]
        self.asked: list = []  # fields of charge messages, for kiosk/till.py
        self.said: list = []  # fields of charged messages, for the link
        self._news = news

    def put(self, values: dict) -> None:
        """A charge that came."""
        self.asked = self.asked[1 - KEPT :]
        self.asked.append(values)

    def say(self, order: int, outcome: int, epoch: int, counter: int, reason: str) -> None:
        """How far an order is."""
        self.said = self.said[1 - KEPT :]
        values = {"order": order, "outcome": outcome, "epoch": epoch, "counter": counter, "reason": reason}
        self.said.append(values)
        self._news.set()
