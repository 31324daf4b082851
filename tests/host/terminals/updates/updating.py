"""A kiosk's side of an update, over a shop without a broker, and what is done there."""

from host.terminals.fleet import configs
from host.terminals.fleet.configs import Config
from host.terminals.updates import images, rollouts
from protocol.wire import faults, image_file, messages, updates
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

    def fall(self) -> None:
        """The firmware started again by itself."""
        values = {"fault": bytes(8), "source": faults.RESTART, "cause": "nfc: out of memory", "count": 1}
        values |= {"uptime_s": 60, "happened_s": 0, "firmware": self.runs, "nonce": self.side.nonce}
        self.shop.tell(self.side, self.side.message((1, 0), faults.FAULT, **values))

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


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_790_000_000


def bring(shop: Shop, content: bytes = CONTENT) -> None:
    with shop.opened.database.write() as connection:
        images.add(connection, content, "operator:boss")


def begin(shop: Shop, first: str = "K1", version: str = NEW) -> int:
    with shop.opened.database.write() as connection:
        return rollouts.start(connection, image_file.number(version), first, "operator:boss")


def carry_on(shop: Shop) -> None:
    with shop.opened.database.write() as connection:
        rollouts.carry_on(connection)


def stage(shop: Shop, at: int) -> set[str]:
    """Names of the kiosks in it."""
    rows = shop.query(
        "SELECT k.name FROM rollout_kiosks r JOIN kiosks k ON k.number = r.kiosk WHERE r.stage = ?", at
    )
    return {name for (name,) in rows}


def later(shop: Shop, fleet: dict[str, Updating], time: Clock, after_s: int, *silent: str) -> None:
    """So much time passes, all but the silent are heard of, and upkeep looks."""
    time.now_s += after_s
    for name, kiosk in fleet.items():
        if name not in silent:
            kiosk.hello()
    carry_on(shop)


def one_shop(shop: Shop, *names: str, hours: tuple[tuple[int, int], ...] = ()) -> None:
    """These kiosks show the same name of a shop."""
    with shop.opened.database.write() as connection:
        for name in names:
            (number,) = connection.execute("SELECT number FROM kiosks WHERE name = ?", (name,)).fetchone()
            configs.add(connection, number, Config(2500, title="兰亭", hours=hours), "operator:boss")
