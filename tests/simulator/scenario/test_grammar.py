"""Every form of the language is read, and every line that is none of them is answered with its number."""

from pathlib import Path

import pytest

from host.cards import notes
from simulator.scenario import forms
from simulator.scenario.grammar import ScenarioError, parse
from simulator.scenario.numbers import parse_money

SCENARIOS = Path(__file__).parents[2] / "data" / "scenarios"
HEAD = "kiosk K1 price 25.00\ncard A purse balance 100.00\n"


def one(line: str):
    return parse(HEAD + line)[-1]


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.scn")), ids=lambda path: path.name)
def test_all_scenarios_of_the_project_are_read(path: Path) -> None:
    assert parse(path.read_text(encoding="utf-8"), path.name)


def test_a_step_knows_its_line_words_and_arguments() -> None:
    step = one("# a remark\n\n  pull A K1 after commit-sent  # the answer is lost")
    assert (step.line, step.words) == (5, ("pull", "after", "commit-sent"))
    assert step.args == {"card": "A", "kiosk": "K1"}


@pytest.mark.parametrize(
    ("line", "words", "numbers"),
    [
        ("network K1 lossy 0.2", ("network", "lossy"), {"share_permille": 200}),
        ("network K1 lossy 1", ("network", "lossy"), {"share_permille": 1000}),
        ("network K1 slow 300", ("network", "slow"), {"delay_ms": 300}),
        ("power K1 cut at flash-op 17", ("power", "cut", "at", "flash-op"), {"number": 17}),
        ("replay K1 up 3 reordered", ("replay", "up", "reordered"), {"number": 3}),
        ("expect ledger A 75.5", ("expect", "ledger"), {"money_fen": 7550}),
        ("expect journal K1 0", ("expect", "journal"), {"number": 0}),
        ("programme plain", ("programme", "plain"), {}),
        ("topup A 50.00 at desk", ("topup", "at", "desk"), {"money_fen": 5000}),
        ("topup A 0.01 pending", ("topup", "pending"), {"money_fen": 1}),
        ("card B account balance 1", ("card", "account", "balance"), {"money_fen": 100}),
        ("clock +1d", ("clock",), {"shift_s": 86400}),
        ("clock +90s", ("clock",), {"shift_s": 90}),
        ("clock +15m", ("clock",), {"shift_s": 900}),
        ("clock +366d", ("clock",), {"shift_s": 366 * 86400}),
    ],
)
def test_numbers_are_integers_with_their_unit(
    line: str, words: tuple[str, ...], numbers: dict[str, int]
) -> None:
    step = one(line)
    assert (step.words, step.numbers) == (words, numbers)


@pytest.mark.parametrize("line", ["replace A B", "replace A B despite exposure", "clone A AS B"])
def test_a_card_is_made_of_another(line: str) -> None:
    steps = parse(HEAD + line + "\ntap B K1")
    assert steps[2].args == {"card": "A", "new": "B"}
    assert steps[3].args == {"card": "B", "kiosk": "K1"}


def test_keys_and_pins_are_texts_of_their_step() -> None:
    assert one("kiosk K2 keypad\npress K2 '25DE*#BC'").args == {"kiosk": "K2", "text": "25DE*#BC"}
    assert one("pin A 0123").args == {"card": "A", "text": "0123"}


@pytest.mark.parametrize("mode", ["keypad", "mono keypad", 'list "Cut 88.00"'])
def test_a_kiosk_has_keys_by_its_first_mode_and_keeps_them(mode: str) -> None:
    assert one(f"kiosk K2 {mode}\nkiosk K2 till\npress K2 1").args["text"] == "1"
    assert one(f"kiosk K2 {mode}\ntap A K2 amount 2.00").numbers == {"money_fen": 200}
    with pytest.raises(ScenarioError, match="line 4: kiosk K1 has no keys"):
        one(f"kiosk K1 {mode}\npress K1 1")


def test_tiers_are_those_of_the_host() -> None:
    assert forms.TIERS == notes.TIERS
    for tier in (*forms.TIERS, ""):
        assert one(f"note A tier '{tier}'").args["text"] == tier


def test_text_in_quotation_marks_is_one_argument() -> None:
    assert one('expect screen K1 "#1 余额 75.00"').args["text"] == "#1 余额 75.00"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("fly A K1", "expected one of broker, card,"),
        ("tap A", "expected KIOSK, found the end of the line"),
        ("tap B K1", "expected a card that a line above makes, found 'B'"),
        ("tap A K9", "expected a kiosk that a line above makes, found 'K9'"),
        ("tap A K1 now", "expected amount or the end of the line, found 'now'"),
        ("tap A K1 amount", "expected MONEY, found the end of the line"),
        ("kiosk K1 list", "expected PRICES, found the end of the line"),
        ("kiosk K1 list 8.00", "expected a label and its price"),
        ('kiosk K1 list "Cut 8.00" "Wash 0"', "expected a label and its price"),
        ('kiosk K1 list "Cut 8.000"', "expected a label and its price"),
        ("kiosk K1 mono", "found the end of the line"),
        ("card A purse balance 1.00", "a card name that no line above uses"),
        ("card B purse balance -1.00", "a sum in yuan"),
        ("card B purse balance 5000.01", "a sum in yuan"),
        ("card B purse balance １.00", "a sum in yuan"),
        ("card 李雷 foreign", "a name for the card"),
        ("network K1 lossy 1.5", "a share from 0 to 1"),
        ("network K1 slow fast", "a whole number"),
        ("power K1 cut at flash-op 0", "a whole number from 1"),
        ("pull A K1 after lunch", "expected auth|debit|commit-sent|commit-done, found 'lunch'"),
        ('expect screen K1 "75', "a closing quotation mark"),
        ("expect happiness K1", "found 'happiness'"),
        ("replay K1 up 3 backwards", "reordered"),
        ("card B account", "expected balance, found the end of the line"),
        ("card B silver balance 1.00", "purse|account|plain"),
        ("topup A 50.00 later", "expected at or pending, found 'later'"),
        ("topup A 5000.01 pending", "a sum in yuan"),
        ("replace A A", "a card name that no line above uses"),
        ("replace B C", "a card that a line above makes, found 'B'"),
        ("replace A B despite all", "expected exposure, found 'all'"),
        ("clone A as C", "expected AS, found 'as'"),
        ("clone A AS A", "a card name that no line above uses"),
        ("clock 1d", "a time like +90s"),
        ("clock +0d", "a time like +90s"),
        ("clock +367d", "of a year at most"),
        ("clock -1d", "a time like +90s"),
        ("clock +٣d", "a time like +90s"),
        (
            "press K1 25X",
            "line 3: expected keys of 1 2 3 C 4 5 6 B 7 8 9 D * 0 # E, without blanks, found '25X'",
        ),
        ("press K1 '2 5'", "without blanks"),
        ("press K1 ''", "keys of"),
        ("press K1 25E", "line 3: kiosk K1 has no keys: its first mode must be keypad or list"),
        ("tap A K1 amount 2.00", "kiosk K1 has no keys"),
        (
            "note A tier 钻石",
            "铂金卡, 钻石卡, 至尊卡, or '' for none, found '钻石'",
        ),
        ("note A tier gold", "found 'gold'"),
        ("pin A 123", "line 3: expected a PIN of 4 to 8 digits, found '123'"),
        ("pin A 12345678９", "a PIN of 4 to 8 digits"),
    ],
)
def test_a_wrong_line_is_named_with_what_was_expected(line: str, part: str) -> None:
    with pytest.raises(ScenarioError, match="line 3: ") as caught:
        one(line)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "programme S24",
        "card B plain balance 10.00 member WANG",
        "card B purse balance 10.00 member WANG tier 金卡",
        "expect points A 25",
        "expect tier A 银卡",
    ],
)
def test_what_comes_later_says_so(line: str) -> None:
    with pytest.raises(ScenarioError, match="line 3: not available yet"):
        one(line)


@pytest.mark.parametrize(
    ("word", "fen"),
    [("25.00", 2500), ("0.5", 50), ("7", 700), ("1.005", None), ("", None), ("1e3", None), ("٣", None)],
)
def test_money_is_exact(word: str, fen: int | None) -> None:
    assert parse_money(word) == fen
