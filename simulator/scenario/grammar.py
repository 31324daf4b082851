"""The scenario language: lines of text -> steps, or a sentence with the line number.

What a line may say is in forms.py. Nothing is carried out before every line of every file has been read.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from protocol.wire.envelope import is_kiosk_name
from simulator.board.keys import KEYS
from simulator.scenario.forms import FORMS, LATER, TIERS
from simulator.scenario.numbers import parse_money
from simulator.scenario.numbers import read as read_number

# Slots that a step has as its text: what fits, and what to write otherwise.
TEXTS = {
    "TEXT": (re.compile(".*", re.DOTALL), "a text"),
    "KEYS": (
        re.compile(f"[{re.escape(''.join(KEYS))}]+"),
        f"keys of {' '.join(''.join(KEYS))}, without blanks",
    ),
    "TIER": (re.compile(f"({'|'.join(TIERS)})?"), f"one of {', '.join(TIERS)}, or '' for none"),
    "PIN": (re.compile("[0-9]{4,8}"), "a PIN of 4 to 8 digits"),
}


class ScenarioError(ValueError):
    """A line can't be read. str() says where, what was expected and what was found."""

    def __init__(self, file: str, line: int, sentence: str) -> None:
        super().__init__(f"{file}: line {line}: {sentence}")
        self.line = line


@dataclass(frozen=True)
class Step:
    """One line. `words` are the fixed words and choices in order, `args` the arguments by name in lower case.

    TEXT, KEYS, TIER and PIN become `text`. Money becomes `money_fen`, MS `delay_ms`, COUNT and NUMBER
    `number`, SHARE `share_permille`, SHIFT `shift_s`, PRICES, of any number and last, `prices`. A second card
    is `new`.
    """

    file: str
    line: int
    text: str
    words: tuple[str, ...]
    args: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    prices: tuple[tuple[str, int], ...] = ()


class _Mismatch(Exception):
    """This form does not fit the line; how many words did fit, and what should have come then."""

    def __init__(self, fitted: int, expected: str) -> None:
        super().__init__(expected)
        self.fitted = fitted
        self.expected = expected


def parse(text: str, file: str = "scenario") -> list[Step]:
    """All steps of a file; ScenarioError for the first line that is not one of FORMS."""
    names: dict[str, set[str]] = {"kiosk": set(), "card": set(), "keys": set()}
    return [_step(file, number, line, words, names) for number, line, words in _lines(text, file)]


def _lines(text: str, file: str) -> Iterator[tuple[int, str, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            words = shlex.split(line.lstrip("\ufeff"), comments=True)
        except ValueError:
            raise ScenarioError(file, number, "expected a closing quotation mark") from None
        if words:
            yield number, line.strip(), words


def _step(file: str, number: int, line: str, words: list[str], names: dict[str, set[str]]) -> Step:
    forms = [form for form in FORMS if form.split()[0] == words[0]]
    failures = []
    for form in forms:
        try:
            step = _fit(form, file, number, line, words, names)
            _must_have_keys(step, names)
            return step
        except _Mismatch as mismatch:
            failures.append((mismatch.fitted, mismatch.expected, form))
    for later in LATER:
        if re.fullmatch(later, " ".join(words)):
            raise ScenarioError(file, number, f"not available yet: {line}")
    if not failures:
        verbs = sorted({form.split()[0] for form in FORMS})
        raise ScenarioError(file, number, f"expected one of {', '.join(verbs)}, found {words[0]!r}")
    best = max(fitted for fitted, _, _ in failures)
    expected = sorted({sentence for fitted, sentence, _ in failures if fitted == best})
    found = repr(words[best]) if best < len(words) else "the end of the line"
    shapes = " or ".join(form for fitted, _, form in failures if fitted == best)
    raise ScenarioError(file, number, f"expected {' or '.join(expected)}, found {found} (as in: {shapes})")


def _fit(form: str, file: str, number: int, line: str, words: list[str], names: dict[str, set[str]]) -> Step:
    fixed: list[str] = []
    args: dict[str, str] = {}
    numbers: dict[str, int] = {}
    declared: tuple[str, str] | None = None
    prices: tuple[tuple[str, int], ...] = ()
    slots = form.split()
    for index, slot in enumerate(slots):
        if index >= len(words):
            raise _Mismatch(index, slot)
        word = words[index]
        if slot.islower() or slot == "AS":
            if word not in slot.split("|"):
                raise _Mismatch(index, slot)
            fixed.append(word)
        elif slot in ("KIOSK+", "CARD+"):
            declared = (slot[:-1].lower(), word)
            _check_new(index, *declared, names)
            args["new" if declared[0] in args else declared[0]] = word
        elif slot in ("KIOSK", "CARD"):
            if word not in names[slot.lower()]:
                raise _Mismatch(index, f"a {slot.lower()} that a line above makes")
            args[slot.lower()] = word
        elif slot in TEXTS:
            form_of, expected = TEXTS[slot]
            if not form_of.fullmatch(word):
                raise _Mismatch(index, expected)
            args["text"] = word
        elif slot == "PRICES":
            prices = tuple(_price(at, words[at]) for at in range(index, len(words)))
            slots += [slot] * (len(prices) - 1)
            break
        else:
            try:
                name, value = read_number(slot, word)
            except ValueError as error:
                raise _Mismatch(index, str(error)) from None
            numbers[name] = value
    if len(words) > len(slots):
        raise _Mismatch(len(slots), "the end of the line")
    if declared:
        if {"keypad", "list"} & set(fixed) and declared[1] not in names["kiosk"]:
            names["keys"].add(declared[1])  # a kiosk keeps what hangs on it
        names[declared[0]].add(declared[1])
    return Step(file, number, line, tuple(fixed), args, numbers, prices)


def _must_have_keys(step: Step, names: dict[str, set[str]]) -> None:
    """ScenarioError for keys pressed where there are none."""
    typed = step.words[0] == "press" or step.words == ("tap", "amount")
    if typed and step.args["kiosk"] not in names["keys"]:
        sentence = f"kiosk {step.args['kiosk']} has no keys: its first mode must be keypad or list"
        raise ScenarioError(step.file, step.line, sentence)


def _check_new(index: int, kind: str, word: str, names: dict[str, set[str]]) -> None:
    if not is_kiosk_name(word):
        raise _Mismatch(index, f"a name for the {kind} of 1 to 32 letters, digits, - or _")
    if kind == "card" and word in names[kind]:
        raise _Mismatch(index, "a card name that no line above uses")


def _price(index: int, word: str) -> tuple[str, int]:
    """ "美甲 88.00" -> ("美甲", 8800)"""
    label, _, money = word.rpartition(" ")
    amount_fen = parse_money(money)
    if not label or not amount_fen:
        raise _Mismatch(index, 'a label and its price, as "美甲 88.00"')
    return label, amount_fen
