"""What is there, held against what a scenario expects. A check gives None when it holds, else what it found.

A check looks again until it holds or its three seconds are over: reports and pixels need a moment to arrive.
"""

import time
from collections.abc import Callable
from typing import Any

from simulator import told
from simulator.child import ChildError
from simulator.host import HostDown, HostRefusal
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.world import World

PATIENCE_S = 3.0
SETTLE_S = 30.0
OFFLINE_WORDS = ("脱机", "offline")
MOVEMENTS = ("最近交易", "Last movements")
_STEP_S = 0.02
_QUIET_S = 0.2

Found = str | None


def until(look: Callable[[], Found], patience_s: float = PATIENCE_S) -> Found:
    """Look until nothing is wrong or patience ends -> the last thing found."""
    deadline = time.monotonic() + patience_s
    while True:
        found = look()
        if found is None or time.monotonic() >= deadline:
            return found
        time.sleep(_STEP_S)


def yuan(fen: int | None) -> str:
    """7500 -> "75.00"; None -> "no value"."""
    if fen is None:
        return "no value"
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def screen(unit: KioskUnit, text: str) -> Found:
    return until(lambda: None if unit.shows(text) else "the screen shows another text")


def movements(unit: KioskUnit) -> Found:
    """A card is held for three seconds before the kiosk shows them."""
    return until(lambda: None if unit.shows(*MOVEMENTS) else "the screen shows others", 2 * PATIENCE_S)


def ledger(world: World, held: HeldCard, fen: int) -> Found:
    return until(lambda: _ledger(world, held, fen))


def card(held: HeldCard, fen: int) -> Found:
    return until(lambda: None if held.value_fen() == fen else yuan(held.value_fen()))


def flagged(world: World, held: HeldCard) -> Found:
    def look() -> Found:
        known = _ask(world, held)
        if isinstance(known, str):
            return known
        return None if known.get("flags") else "no flag"

    return until(look)


def journal(unit: KioskUnit, number: int) -> Found:
    return until(lambda: None if unit.pending() == number else f"{unit.pending()} records not acknowledged")


def verify(world: World) -> Found:
    """The host's own verify, and the value on every purse in circulation against its shadow balance."""
    try:
        result = world.host.verify()
    except ChildError as error:
        return str(error)
    wrong = [
        f"{row.get('name')}: {row.get('detail')}" for row in result.get("checks", []) if not row.get("ok")
    ]
    if not wrong and not result.get("ok"):
        wrong.append("host verify says no without a reason")
    shadows = {str(row["uid"]).lower(): int(row["balance_fen"]) for row in result.get("cards", [])}
    for held in world.wallet:
        if held.kind == "purse" and held.ready and held.value_fen() != shadows.get(held.uid):
            unlike = _unlike(world, held, shadows.get(held.uid))
            wrong += [] if unlike is None else [unlike]
    return "; ".join(wrong) or None


def _unlike(world: World, held: HeldCard, shadow_fen: int | None) -> Found:
    """A purse holds something else than its shadow: is that explained, by a life that has ended or by what
    is pending? A host that is down explains nothing."""
    value_fen = held.value_fen()
    found = f"card {held.name} holds {yuan(value_fen)}, its shadow is {yuan(shadow_fen)}"
    try:
        known = world.host.get(f"/desk/cards/{held.uid}")
    except (HostDown, HostRefusal):
        return found
    if known["state"] in ("replaced", "returned"):
        return None  # its value has been given to another card, or paid out
    pending_fen = [move["amount_fen"] for move in known["pending"]]
    if None not in (value_fen, shadow_fen) and value_fen == (shadow_fen or 0) + sum(pending_fen):
        return None
    return found + "".join(f", {yuan(fen)} pending" for fen in pending_fen)


def problems(world: World) -> list[str]:
    """What no kiosk may do, whatever the scenario expects: crash, hang, misuse flash or display."""
    return [f"kiosk {name}: {what}" for name, unit in world.kiosks.items() for what in unit.kiosk.problems()]


def settle(world: World, patience_s: float = SETTLE_S) -> Found:
    """Wait until every kiosk with power and network is connected, has an empty journal and the newest
    settings, and nothing travels.
    """
    return until(lambda: _unsettled(world), patience_s)


def _unsettled(world: World) -> Found:
    if not (world.host.alive and world.broker.alive):
        return None  # nobody is connected
    for name, unit in world.kiosks.items():
        if unit.kiosk.board.crashes:
            return f"{name}: the firmware ended by itself"
        if not (unit.powered and unit.online):
            continue
        if not world.observer.linked(name) or unit.shows(*OFFLINE_WORDS):
            return f"{name}: not connected yet"
        pending = unit.pending()
        if pending != 0:
            return f"{name}: {'?' if pending is None else pending} records not acknowledged"
    try:
        untold = told.untold(world.host, world.kiosks)
    except (HostDown, HostRefusal) as error:
        return str(error)
    if untold is not None:
        return untold
    return None if world.observer.quiet_s() > _QUIET_S else "messages are still travelling"


def _ledger(world: World, held: HeldCard, fen: int) -> Found:
    known = _ask(world, held)
    if isinstance(known, str):
        return known
    balance_fen = known.get("balance_fen")
    return None if balance_fen == fen else yuan(balance_fen)


def _ask(world: World, held: HeldCard) -> dict[str, Any] | str:
    try:
        known = world.host_card(held)
    except (HostDown, HostRefusal) as error:
        return str(error)
    return "the host does not know this card" if known is None else known
