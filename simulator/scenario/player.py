"""Carries out the steps of one scenario, one after the other, and counts what was expected and held."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.card import DesfireCard
from simulator.scenario import at_counter, at_kiosk, at_till, checks
from simulator.scenario.expectation import expectation
from simulator.scenario.grammar import Step
from simulator.scenario.outcome import Tap
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.world import TROUBLES, World

_REMOVED_S = 3.0
ELSEWHERE = {**at_counter.VERBS, **at_kiosk.VERBS, **at_till.VERBS}


class StepError(RuntimeError):
    """A step could not be carried out; the rest of its scenario makes no sense."""


@dataclass
class Report:
    """What a scenario came to. Each failure is a text of several lines, ready to print."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return len(self.failures)


class Player:
    """One world, one scenario. `on_step` hears (step, milliseconds, remark) after each step."""

    def __init__(self, world: World, on_step: Callable[[Step, int, str], None] | None = None) -> None:
        self._world = world
        self._on_step = on_step
        self._taps: dict[str, Tap] = {}
        self._remark = ""
        self._verbs: dict[str, Callable[[Step], object]] = {
            "programme": lambda step: None,
            "card": self._card,
            "tap": self._tap,
            "place": self._place,
            "pull": self._pull,
            "network": self._network,
            "broker": self._broker,
            "host": self._host,
            "power": self._power,
            "clock": lambda step: world.clock(step.numbers["shift_s"]),
            "clone": lambda step: world.clone(self._held(step), step.args["new"]),
            "replay": self._replay,
            "settle": self._settle,
        }

    def play(self, steps: list[Step]) -> Report:
        """All steps in order. A failed expectation is counted and the play goes on; a failed step ends it."""
        report = Report()
        for step in steps:
            started_s = time.monotonic()
            self._remark = ""
            try:
                if step.words[0] in ("expect", "verify"):
                    self._count(step, report)
                elif step.words[0] in ELSEWHERE:
                    self._remark = ELSEWHERE[step.words[0]](self._world, step)
                else:
                    self._verbs[step.words[0]](step)
            except (StepError, ValueError, *TROUBLES) as error:
                report.failures.append(self._failure(step, "this step to be carried out", str(error)))
                break
            if self._on_step:
                self._on_step(step, round((time.monotonic() - started_s) * 1000), self._remark)
        report.failures += checks.problems(self._world)
        return report

    def _count(self, step: Step, report: Report) -> None:
        expected, found = expectation(self._world, self._taps, step)
        if found is None:
            report.passed += 1
        else:
            report.failures.append(self._failure(step, expected, found))

    def _card(self, step: Step) -> None:
        kind = step.words[1]
        if kind == "foreign":
            self._world.wallet.add_foreign(step.args["card"])
        else:
            self._world.add_card(step.args["card"], kind, step.numbers["money_fen"])

    def _tap(self, step: Step) -> None:
        if "amount" in step.words:
            at_kiosk.type_amount(self._unit(step), step.numbers["money_fen"])
        self._place(step)
        tap = self._taps[step.args["kiosk"]]
        self._remark = f"{tap.wait()} after {tap.took_ms} ms"
        self._take_away(self._unit(step))

    def _place(self, step: Step) -> None:
        unit = self._unit(step)
        self._taps[unit.name] = Tap.begin(unit)
        unit.place(self._held(step).card)

    def _pull(self, step: Step) -> None:
        if "after" in step.words:
            held = self._held(step)
            if held.kind != "purse" or not isinstance(held.card, DesfireCard):
                raise StepError(f"card {held.name} has no such moment: it is not a purse")
            held.card.arm_pull(step.words[-1])
        else:
            self._take_away(self._unit(step))

    def _take_away(self, unit: KioskUnit) -> None:
        """Lift the card, and give the reader time to see the empty field, as any hand would."""
        unit.remove()
        if unit.powered:
            unit.wait_unseen(_REMOVED_S)

    def _network(self, step: Step) -> None:
        unit, what = self._unit(step), step.words[1]
        if what in ("cut", "back"):
            unit.network(what == "back")
        elif what == "slow":
            unit.proxy.slow(step.numbers["delay_ms"])
        else:
            unit.proxy.lossy(step.numbers["share_permille"] / 1000)

    def _broker(self, step: Step) -> None:
        if step.words[1] == "stop":
            self._world.broker.stop()
        else:
            self._world.broker.start()
            self._world.observer.wait_ready()

    def _host(self, step: Step) -> None:
        host = self._world.host
        (host.kill if step.words[1] == "kill" else host.start)()

    def _power(self, step: Step) -> None:
        unit = self._unit(step)
        if step.words[1] == "on":
            unit.power_on()
            at_kiosk.wait_shown(unit, "its idle screen", *at_kiosk.IDLE_WORDS)
            unit.wait_unseen(_REMOVED_S)  # the card that paid last is no new tap before that
        elif "flash-op" in step.words:
            unit.kiosk.board.arm_power_cut(step.numbers["number"], seed=(self._world.seed or 0) + 1)
        else:
            unit.power_cut()

    def _replay(self, step: Step) -> None:
        name = step.args["kiosk"]
        messages = self._world.observer.last_up(name, step.numbers["number"])
        if "reordered" in step.words:
            messages.reverse()
        for payload in messages:
            self._world.observer.publish_up(name, payload)
        self._remark = f"{len(messages)} messages"

    def _settle(self, step: Step) -> None:
        found = checks.settle(self._world)
        if found is not None:
            raise StepError(f"not settled after {checks.SETTLE_S:.0f} s: {found}")
        if self._world.host.alive:
            self._remark = self._world.counter.ask_again()

    def _unit(self, step: Step) -> KioskUnit:
        return self._world.kiosks[step.args["kiosk"]]

    def _held(self, step: Step) -> HeldCard:
        return self._world.wallet[step.args["card"]]

    def _failure(self, step: Step, expected: str, found: str) -> str:
        lines = [
            f"{step.file}: line {step.line}: {step.text}",
            f"  expected: {expected}",
            f"  found:    {found}",
        ]
        named = step.args.get("kiosk")
        for name, unit in self._world.kiosks.items():
            if named in (None, name):
                shown = unit.screen() or ["(nothing)"]
                lines += [f"  screen {name}: {line}" for line in shown]
        return "\n".join(lines)
