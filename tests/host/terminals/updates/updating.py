"""A kiosk's side of an update, over a shop without a broker."""

from protocol.wire import image_file, messages, updates
from tests.host.rig import KioskSide, Shop

OLD, NEW = "1.0.0", "1.1.0"
CONTENT = image_file.make(bytes(range(256)) * 20, NEW, 0b11, (1, 0b10))


class Updating:
    """The kiosk's side: what it says at a hello, and of an update."""

    def __init__(self, shop: Shop, side: KioskSide, runs: str = OLD) -> None:
        self.shop, self.side, self.runs = shop, side, runs
        self.state, self.rollout, self.reason = updates.STEADY, 0, ""
        self.hellos = 0

    def hello(self) -> dict[str, object] | None:
        """-> the offer that came with the answer."""
        self.hellos += 1
        heard = self.shop.tell(self.side, self.side.hello(b"%08d" % self.hellos))
        return heard.get(messages.UPDATE)

    def say(self, state: int | None = None, reason: str = "", runs: str | None = None) -> None:
        self.state = self.state if state is None else state
        self.runs = runs or self.runs
        values = {"rollout": self.rollout, "state": self.state, "runs": image_file.number(self.runs)}
        target = image_file.number(NEW) if self.rollout else 0
        message = self.side.message(
            (1, 0), updates.UPDATED, nonce=self.side.nonce, image=target, reason=reason, **values
        )
        self.shop.tell(self.side, message)

    def wanted(self, offset: int, pieces: int = 4) -> list[dict[str, object]]:
        message = self.side.message(
            (1, 0), updates.WANTED, nonce=self.side.nonce, rollout=self.rollout, offset=offset, pieces=pieces
        )
        before = len(self.side.inbox)
        self.shop.tell(self.side, message)
        return [values for kind, values in self.side.inbox[before:] if kind == updates.PIECE]

    def take(self) -> None:
        """Offered, fetched, switched, and confirmed."""
        offer = self.hello()
        assert offer is not None, f"{self.side.name} is offered nothing"
        self.rollout = int(str(offer["rollout"]))
        for state in (updates.FETCHING, updates.SWITCHING):
            self.say(state)
        self.hello()
        self.say(updates.TRYING, runs=NEW)
        self.say(updates.CONFIRMED)
