"""The steps that a clerk does at the counter. Each gives a remark: "" or what there is to say about it.

What changes there is told to the kiosks; a step lasts until those that are connected know of it.
"""

import time
from collections.abc import Callable

from simulator import told
from simulator.scenario import checks
from simulator.scenario.grammar import Step
from simulator.world import World

WALL_AHEAD_S = 8 * 3600  # of UTC: the clock of a kiosk that is told of no other


def _topup(world: World, step: Step) -> str:
    held, there = world.wallet[step.args["card"]], "desk" in step.words
    remark = world.counter.top_up(held, step.numbers["money_fen"], there=there)
    told.wait(world.host, world.kiosks)
    return remark


def _report(world: World, step: Step) -> str:
    world.counter.report(step.words[0], world.wallet[step.args["card"]])
    told.wait(world.host, world.kiosks)
    return ""


def _replace(world: World, step: Step) -> str:
    """The value goes over once no kiosk takes the old card any more: if not now, at a later `settle`."""
    old, accepting = world.wallet[step.args["card"]], "exposure" in step.words
    new = world.add_card(step.args["new"], old.kind, 0)
    if not accepting:
        world.counter.report("lost", old)
        checks.settle(world, checks.PATIENCE_S)
    return world.counter.replace(old, new, accepting=accepting)


def _note(world: World, step: Step) -> str:
    """How the card's holder is greeted; today is the day on the kiosks' walls."""
    held = world.wallet[step.args["card"]]
    if "tier" in step.words:
        world.counter.act("note", uid=held.uid, tier=step.args["text"])
        return ""
    day = time.strftime("%m-%d", time.gmtime(time.time() + WALL_AHEAD_S))
    world.counter.act("note", uid=held.uid, birthday=day)
    return day


def _pass(world: World, step: Step) -> str:
    """An entry pass: so many visits or minutes, or until so many days from now."""
    held, number = world.wallet[step.args["card"]], step.numbers["number"]
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() + 86_400 * number))
    asked: dict[str, object] = {"until": day} if "days" in step.words else {step.words[-1]: number}
    world.counter.act("pass", None, uid=held.uid, reason="scenario", **asked)
    return day if "days" in step.words else ""


def _close(world: World, step: Step) -> str:
    """Who is inside by this card has gone without a tap."""
    answer = world.counter.act("close-stay", uid=world.wallet[step.args["card"]].uid, reason="scenario")
    return f"{answer['used_min']} minutes"


def _pin(world: World, step: Step) -> str:
    """From now on this card pays with a PIN alone."""
    held = world.wallet[step.args["card"]]
    world.host.post(f"/cards/{held.uid}/terms", pin=step.args["text"])
    return ""


VERBS: dict[str, Callable[[World, Step], str]] = {
    "topup": _topup,
    "pin": _pin,
    "lost": _report,
    "void": _report,
    "hot": _report,
    "replace": _replace,
    "note": _note,
    "pass": _pass,
    "close": _close,
}
