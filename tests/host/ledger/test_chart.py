import re
from pathlib import Path

from host.ledger.chart import (
    KINDS,
    NEVER,
    REPORTS,
    UNITS,
    YES,
    card_owner,
    kiosk_owner,
    operator_owner,
    shift_owner,
)

LEDGER_MD = Path(__file__).resolve().parents[3] / "docs" / "ledger.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| (.*) \| (.*) \| (\w+) \| `([A-Za-z:]+)` \|$", re.MULTILINE)


def test_the_documented_chart_is_the_programs() -> None:
    told = ROW.findall(LEDGER_MD.read_text(encoding="utf-8"))
    assert told == [(name, k.what, k.owner, k.below_zero, k.place) for name, k in KINDS.items()]


def test_the_documented_units_are_the_programs() -> None:
    (line,) = re.findall(r"^\*\*Units\*\*: (.*)\.$", LEDGER_MD.read_text(encoding="utf-8"), re.MULTILINE)
    assert line.replace(" in fen", "").split(", ") == list(UNITS)


def test_every_kind_says_whether_it_may_go_below_zero() -> None:
    assert {kind.below_zero for kind in KINDS.values()} == {NEVER, REPORTS, YES}
    assert [name for name, kind in KINDS.items() if kind.below_zero == REPORTS] == ["card"]


def test_owners_are_named_so_that_no_two_share_a_name() -> None:
    assert card_owner(bytes.fromhex("04ABCDEF123456"), 7) == "card:04ABCDEF123456:7"
    assert (kiosk_owner("K1"), operator_owner("ann")) == ("kiosk:K1", "operator:ann")
    assert shift_owner(3) == "shift:3"
