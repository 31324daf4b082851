"""The shop knows the states of its cards as the host does, with or without a line in the ledger."""

import queue
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from simulator.host import HostDown
from simulator.wallet import Wallet
from simulator.web.setup import ShopError
from simulator.web.shop import Shop


class Host:
    """What the shop asks of a host; a line of None ends the stream."""

    alive = True

    def __init__(self, uid: str) -> None:
        self.lines: queue.Queue[int | None] = queue.Queue()
        self.uid, self.state, self.down = uid, "active", False

    port = 1

    def get(self, _path: str) -> list[dict[str, str]]:
        if self.down:
            raise HostDown("nobody answers")
        return [{"uid": self.uid, "state": self.state}]

    def ledger_lines(self, _after: int) -> Iterator[dict[str, Any]]:
        while (number := self.lines.get()) is not None:
            yield {"id": number}
        raise HostDown("the ledger stream ended")


def kiosk_unit() -> SimpleNamespace:
    """A kiosk that does nothing."""
    chip = SimpleNamespace(on_pin=[], on_power=[], on_pwm=[])
    display = SimpleNamespace(on_change=[], pixels=lambda: bytes(240 * 240 * 2))
    kiosk = SimpleNamespace(display=display, board=SimpleNamespace(chip=chip), green=False, red=False)
    field = SimpleNamespace(cards=[], on_event=None)
    return SimpleNamespace(
        kiosk=kiosk,
        field=field,
        name="K1",
        price_fen=100,
        language="zh",
        mode="fixed",
        powered=False,
        online=True,
        pending=lambda: 0,
    )


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(Wallet(tmp_path, seed=1).add_blank("A").uid)


@pytest.fixture
def shop(host: Host, tmp_path: Path) -> Iterator[Shop]:
    broker = SimpleNamespace(kind="iotcore", alive=True)
    observer = SimpleNamespace(on_message=None, online=lambda _name: True)
    desk = SimpleNamespace(cards=[])
    world = SimpleNamespace(
        host=host,
        wallet=Wallet(tmp_path, seed=1),
        broker=broker,
        observer=observer,
        desk_field=desk,
        folder=tmp_path,
    )
    made = Shop(world, kiosk_unit())  # type: ignore[arg-type]
    yield made
    made.stop()
    host.lines.put(None)


def wait_state(shop: Shop, up: bool, card: str, timeout_s: float = 10.0) -> None:
    """Until a page is told that the host is up and the card is so."""
    deadline_s = time.monotonic() + timeout_s
    told: list[object] = []
    for events in shop.feed.listen(idle_s=0.05):
        told += [
            (state["host"]["up"], state["cards"][0]["state"]) for kind, state in events if kind == "state"
        ]
        if told[-1] == (up, card):
            return
        assert time.monotonic() < deadline_s, told


def test_a_card_reported_lost_is_seen_without_a_line(shop: Shop, host: Host) -> None:
    wait_state(shop, True, "active")
    host.state = "lost"
    wait_state(shop, True, "lost")


def test_the_last_line_of_a_burst_counts(
    host: Host, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.web.shop._LOOK_S", 60.0)
    shop = request.getfixturevalue("shop")
    wait_state(shop, True, "active")
    for number in range(1, 5):
        host.lines.put(number)
    host.state = "void"
    host.lines.put(5)
    wait_state(shop, True, "void")


def test_a_host_that_goes_and_comes_is_told(shop: Shop, host: Host) -> None:
    wait_state(shop, True, "active")
    host.down = True
    host.lines.put(None)
    wait_state(shop, False, "active")
    host.down = False
    wait_state(shop, True, "active")


@pytest.mark.parametrize(
    ("act", "value", "code"),
    [("press", "x", "key"), ("press", "12", "key"), ("press", "", "key"), ("mode", "shop", "mode")],
)
def test_keys_and_modes_that_there_are_not_are_refused(
    host: Host, shop: Shop, act: str, value: str, code: str
) -> None:
    with pytest.raises(ShopError) as refused:
        getattr(shop, act)(value)
    assert refused.value.code == code
