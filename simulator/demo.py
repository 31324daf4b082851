"""`python -m simulator demo`: what `make run` starts. One kiosk, a desk, six cards, a page.

The data folder keeps books, flash and cards: a second start goes on where the first one stopped.
"""

import logging
import os
import signal
import sys
import webbrowser
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.web.app import create_app
from simulator.web.server import PageServer, PortError
from simulator.web.shop import Shop
from simulator.world import TROUBLES, World

DEFAULT_PORT: Final = 8321
KIOSK: Final = "K1"
PRICE_FEN: Final = 2500
# Name, first load in fen, reported lost.
PURSES: Final = (("李雷", 20000, False), ("韩梅梅", 1200, False), ("报失卡", 8000, True))
FOREIGN: Final = "外来卡"
BLANKS: Final = ("新卡甲", "新卡乙")  # for the clerk's page


def run(data: Path, port: int | None, broker: str | None, opens: bool) -> int:
    """Start everything, print the address, wait for Ctrl-C or SIGTERM -> exit code."""
    _on_signals()
    try:
        server = PageServer(_port(port))
    except (PortError, ValueError) as error:
        print(f"tapledger: {error}", file=sys.stderr)
        return 3
    try:
        return _serve(server, World(data, broker=broker, people=True), opens)
    except KeyboardInterrupt:
        return 0
    except (*TROUBLES, ValueError) as error:
        print(f"tapledger: {error}", file=sys.stderr)
        return 1
    finally:
        server.stop()


def _serve(server: PageServer, world: World, opens: bool) -> NoReturn:
    # Opened with its first line: the folder is made, and known to be ours, by the world's start.
    log = logging.FileHandler(world.folder / "simulator.log", delay=True)
    logging.basicConfig(handlers=[log], level=logging.WARNING)
    with world:
        shop = Shop(world, furnish(world))
        try:
            server.show(create_app(shop, server.port))
            print(server.address, flush=True)
            if opens and sys.stdout.isatty() and _has_desktop():
                webbrowser.open(server.address)
            while True:
                signal.pause()  # a signal ends it: its handler raises
        finally:
            shop.stop()


def furnish(world: World) -> KioskUnit:
    """The kiosk and the cards of the demo; what is there from last time stays as it is."""
    unit = world.add_kiosk(KIOSK, PRICE_FEN, keypad=True)
    for name, load_fen, is_lost in PURSES:
        held = world.wallet[name] if name in world.wallet else world.wallet.add_blank(name)
        if not held.ready and not _was_issued(world, held):
            world.issue(held, load_fen)
        if is_lost:
            known = world.host_card(held)
            if known is not None and known["state"] != "lost":
                world.counter.report("lost", held)
    if FOREIGN not in world.wallet:
        world.wallet.add_foreign(FOREIGN)
    for name in BLANKS:
        if name not in world.wallet:
            world.wallet.add_blank(name)
    return unit


def _was_issued(world: World, held: HeldCard) -> bool:
    """Did a start that was interrupted load this card already? Then it is ready: host and card agree."""
    known = world.host_card(held)
    if known is None or "pending load" in known["flags"]:
        return False
    if not held.value_fen() or held.value_fen() != known["balance_fen"]:
        return False
    held.ready = True
    world.wallet.save(held)
    return True


def _port(given: int | None) -> int:
    """--port, else PORT of the environment, else the default; ValueError with a sentence."""
    text = str(given) if given is not None else os.environ.get("PORT", "") or str(DEFAULT_PORT)
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ValueError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _on_signals() -> None:
    """The first Ctrl-C or SIGTERM ends start or wait; a second must not leave half of the world behind."""
    asked: list[int] = []  # no lock in a signal handler: the thread it interrupts may hold it

    def end(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) == 1:
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def _has_desktop() -> bool:
    """Can a browser window appear? Elsewhere `webbrowser` would start one in the terminal."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
