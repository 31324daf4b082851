import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from host.errors import HostError
from host.ledger.chart import KINDS, UNITS
from host.reports import names

# beancount/parser/lexer.l: an account's part begins with a capital or a digit
LEGAL = re.compile(r"[A-Z0-9][A-Za-z0-9-]*")
GROUPS = {"Assets", "Liabilities", "Equity", "Income", "Expenses"}
TOKEN = re.compile(r"---([0-9a-f]+)-|(--)|([A-Za-z0-9-])")


def owner_of(name: str) -> str:
    """The inverse: that there is one means that no two owners share a name."""
    text = "".join(
        chr(int(code, 16)) if code else ":" if colon else plain
        for code, colon, plain in TOKEN.findall(name[1:] if name[0] == "X" else name)
    )
    return text if name[0] == "X" else text[:1].lower() + text[1:]


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("xXaA0:-!"))
@example("")
@example("x")
@example("X---41-")
@example("card:04AB:1")
def test_an_owners_name_is_legal_and_leads_back_to_the_owner(owner: str) -> None:
    name = names.owner_name(owner)
    assert LEGAL.fullmatch(name)
    assert owner_of(name) == owner


@pytest.mark.parametrize(
    "owner, name",
    [
        ("house", "House"),
        ("card:04A1B2:1", "Card--04A1B2--1"),
        ("kiosk:front-door", "Kiosk--front-door"),
        ("7", "7"),
        ("Anna Li", "X---41-nna---20-Li"),
        ("会所", "X---4f1a----6240-"),
        ("a::b-", "A---3a----3a-b---2d-"),
    ],
)
def test_names_of_owners_read_like_the_owners(owner: str, name: str) -> None:
    assert names.owner_name(owner) == name


def test_no_kind_of_account_lies_below_another() -> None:
    """What Beancount adds up is then always one account of ours."""
    places = [kind.place for kind in KINDS.values()]
    assert len(set(places)) == len(places)
    assert not [(a, b) for a in places for b in [*places, names.OPENING] if b.startswith(a + ":")]
    assert {place.partition(":")[0] for place in places} <= GROUPS


def test_a_unit_has_the_digits_of_the_chart() -> None:
    assert [names.amount(1, unit) for unit in UNITS] == [
        "0.01 CNY",
        "1 POINTS",
        "1 VISITS",
        "1 MINUTES",
        "1 VOUCHERS",
    ]


@given(st.integers(-(2**62), 2**62))
def test_an_amount_is_exact(fen: int) -> None:
    number = names.amount(fen, "CNY").removesuffix(" CNY")
    assert re.fullmatch(r"-?\d+\.\d\d", number)
    assert int(number.replace(".", "")) == fen


def test_what_the_chart_does_not_have_is_a_sentence() -> None:
    for ask in (lambda: names.account("gold", "house"), lambda: names.amount(1, "gold")):
        with pytest.raises(HostError, match="“gold”, which this program does not know"):
            ask()
