"""The steps of a cashier whose till asks a kiosk for an amount, through the host's API.

Whatever goes wrong between till and host, the till asks again with the same key, as any till should.
"""

import secrets
from collections.abc import Callable

from simulator.host import HostDown, HostRefusal
from simulator.scenario import checks
from simulator.scenario.checks import Found
from simulator.scenario.grammar import Step
from simulator.world import World


def _charge(world: World, step: Step) -> str:
    kiosk, what = step.args["kiosk"], step.words[-1]
    if what == "cancel":
        number = world.charges[kiosk][2]
        world.host.post(f"/kiosks/{kiosk}/charges/{number}/cancel")
        return ""
    key, amount_fen = secrets.token_hex(8), step.numbers.get("money_fen", 0)
    if what == "again":
        key, amount_fen, _ = world.charges[kiosk]
    asked = {"amount_fen": amount_fen}
    try:
        made = world.host.request("POST", f"/kiosks/{kiosk}/charges", asked, headers={"Idempotency-Key": key})
    except HostRefusal as refusal:
        return f"{refusal.code}: {refusal}"
    world.charges[kiosk] = (key, amount_fen, made["id"])
    return str(made["state"])


def state(world: World, kiosk: str, expected: str) -> Found:
    """The state of a kiosk's last charge, looked at until it is this one."""

    def look() -> Found:
        if kiosk not in world.charges:
            return "nothing was charged"
        try:
            found = world.host.get(f"/kiosks/{kiosk}/charges/{world.charges[kiosk][2]}")
        except (HostDown, HostRefusal) as error:
            return str(error)
        shown = f"{found['state']} {found['reason']}".strip()
        return None if found["state"] == expected else shown

    return checks.until(look)


def _line(world: World, step: Step) -> str:
    """The till on the kiosk's serial line."""
    world.kiosks[step.args["kiosk"]].till.ask(step.args["text"])
    return ""


def heard(world: World, kiosk: str, text: str) -> Found:
    """The last line that the kiosk wrote to its till, waited for."""
    till = world.kiosks[kiosk].till
    if till.heard(text, checks.PATIENCE_S):
        return None
    return (till.answers() or ["nothing came"])[-1]


VERBS: dict[str, Callable[[World, Step], str]] = {"charge": _charge, "line": _line}
