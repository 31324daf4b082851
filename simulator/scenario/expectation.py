"""The lines that begin with `expect` or are `verify`: which check each is, and in what words it is told."""

from collections.abc import Callable, Mapping

from simulator.scenario import at_till, checks
from simulator.scenario.checks import Found
from simulator.scenario.grammar import Step
from simulator.scenario.outcome import Tap
from simulator.world import World

Check = Callable[[World, Step], tuple[str, Found]]


def expectation(world: World, taps: Mapping[str, Tap], step: Step) -> tuple[str, Found]:
    """(what is expected, None when it holds or else what was found). taps: the last one of each kiosk."""
    if step.words[0] == "verify":
        return "the books' promises to hold", checks.verify(world)
    what = step.words[1]
    if what in ("paid", "refused", "unknown", "entered", "left"):
        return what, _outcome(taps.get(step.args["kiosk"]), what)
    return _CHECKS[what](world, step)


def _outcome(tap: Tap | None, expected: str) -> Found:
    if tap is None:
        return "no tap yet"
    outcome = tap.wait()
    return None if outcome == expected else outcome


def _screen(world: World, step: Step) -> tuple[str, Found]:
    text = step.args["text"]
    return f"{text!r} on the screen", checks.screen(world.kiosks[step.args["kiosk"]], text)


def _charge(world: World, step: Step) -> tuple[str, Found]:
    expected = step.words[2]
    return f"a charge that is {expected}", at_till.state(world, step.args["kiosk"], expected)


def _line(world: World, step: Step) -> tuple[str, Found]:
    text = step.args["text"]
    return f"the line {text!r}", at_till.heard(world, step.args["kiosk"], text)


def _movements(world: World, step: Step) -> tuple[str, Found]:
    found = checks.movements(world.kiosks[step.args["kiosk"]])
    return "the last movements of a card that is held there", found


def _ledger(world: World, step: Step) -> tuple[str, Found]:
    fen = step.numbers["money_fen"]
    found = checks.ledger(world, world.wallet[step.args["card"]], fen)
    return f"a balance of {checks.yuan(fen)} in the ledger", found


def _card(world: World, step: Step) -> tuple[str, Found]:
    fen = step.numbers["money_fen"]
    return f"{checks.yuan(fen)} on the card", checks.card(world.wallet[step.args["card"]], fen)


def _flagged(world: World, step: Step) -> tuple[str, Found]:
    return "a flag at the card", checks.flagged(world, world.wallet[step.args["card"]])


def _journal(world: World, step: Step) -> tuple[str, Found]:
    number = step.numbers["number"]
    found = checks.journal(world.kiosks[step.args["kiosk"]], number)
    return f"{number} records not acknowledged", found


_CHECKS: dict[str, Check] = {
    "screen": _screen,
    "charge": _charge,
    "line": _line,
    "movements": _movements,
    "ledger": _ledger,
    "card": _card,
    "flagged": _flagged,
    "journal": _journal,
}
