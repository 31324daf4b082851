"""A card pulled at every single command, before and after it took it, and a host killed between two steps:
`recover`, and asking again, bring both to one state. For a blank card and for one that was given back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from host.cards import registry
from host.cards.loads import LoadUnknown
from host.cards.readers import CardGone
from host.cards.recover import recover
from host.cards.registry import RegistryError
from host.db.connection import Connection
from protocol.card import layout
from protocol.card.apdu import CardError
from protocol.card.purse import NotOurs
from simulator.card import DesfireCard
from simulator.card.state import PICC
from simulator.card.timing import command_ms
from tests.host.looks import end_life, holds, registered
from tests.host.rig import DirectConnection, Shop, blank, value_fen

FAULTS = (CardGone, CardError, NotOurs, LoadUnknown)
BLANK_APDUS, AGAIN_APDUS, LOAD_APDUS = 38, 50, 11
AMOUNT_FEN = 10_000


@pytest.fixture
def engine() -> str:
    """What the card does is the same for both, and there are hundreds of pulls."""
    return "sqlite"


class Killed(BaseException):
    """kill -9 of the host, as far as its books see it."""


class Mortal:
    """A database whose host dies at write number `at`: before it is committed, or right after."""

    def __init__(self, database: Any, at: int, committed: bool) -> None:
        self._database, self._left, self._committed = database, at, committed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @contextmanager
    def write(self, later: bool = False) -> Iterator[Connection]:
        self._left -= 1
        with self._database.write(later) as connection:
            yield connection
            if self._left == 0 and not self._committed:
                raise Killed
        if self._left == 0:
            raise Killed


def fresh(_shop: Shop) -> DesfireCard:
    return blank()


def given_back(shop: Shop) -> DesfireCard:
    card = shop.card(AMOUNT_FEN)
    end_life(shop, card, "returned")
    card.leave_field()
    return card


MADE: list[tuple[Callable[[Shop], DesfireCard], int]] = [(fresh, BLANK_APDUS), (given_back, AGAIN_APDUS)]


def is_whole(shop: Shop, card: DesfireCard, issue: int, fen: int) -> None:
    found = registered(shop, card)
    assert (found.issue, found.state) == (issue, "active")
    shown = shop.look(registry.to_json, found)
    assert (shown["balance_fen"], shown["flags"], value_fen(card)) == (fen, [], fen)
    apps = card.chip.state.applications
    assert set(apps) == {PICC, layout.AID} and apps[PICC].settings == 0x09
    assert apps[PICC].keys[0].kind.name == "AES"


class Counted(DirectConnection):
    """How long the card itself takes over what it is sent, by the model."""

    card_ms = 0.0

    def send_and_receive(self, apdu: bytes) -> bytes:
        self.card_ms += command_ms(apdu)
        return super().send_and_receive(apdu)


@pytest.mark.parametrize(("make", "apdus"), MADE)
def test_a_card_is_made_in_so_many_commands_and_far_below_two_seconds(
    shop: Shop, make: Callable[[Shop], DesfireCard], apdus: int
) -> None:
    card = make(shop)
    desk = shop.desk(card)
    desk.connection = connection = Counted(card)
    desk.issue(0)
    assert connection.sent == apdus
    assert connection.card_ms < 1000
    made_ms = connection.card_ms
    desk.load(registered(shop, card), AMOUNT_FEN)
    assert connection.sent == apdus + LOAD_APDUS
    assert connection.card_ms - made_ms < 200


@pytest.mark.parametrize("took_it", [False, True])
@pytest.mark.parametrize(("make", "apdus"), MADE)
def test_pulled_at_any_command(
    shop: Shop, make: Callable[[Shop], DesfireCard], apdus: int, took_it: bool
) -> None:
    for gone_at in range(1, apdus + LOAD_APDUS + 1):
        card = make(shop)
        with pytest.raises(FAULTS):
            shop.desk(card, gone_at=gone_at, took_it=took_it).issue(AMOUNT_FEN)
        issue = registered(shop, card).issue
        last = gone_at == apdus + LOAD_APDUS
        recover(shop.desk(card))
        is_whole(shop, card, issue, AMOUNT_FEN if last and took_it else 0)
        assert recover(shop.desk(card))["did"].startswith("Nothing was open"), "again changes nothing"
        if not (last and took_it):
            assert shop.desk(card).issue(AMOUNT_FEN)["balance_fen"] == AMOUNT_FEN
        is_whole(shop, card, issue, AMOUNT_FEN)
    holds(shop)


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize(("make", "apdus"), MADE)
def test_killed_between_any_two_steps(
    shop: Shop, make: Callable[[Shop], DesfireCard], apdus: int, committed: bool
) -> None:
    for at in range(1, 10):
        card = make(shop)
        desk = shop.desk(card)
        desk.database = Mortal(desk.database, at, committed)  # type: ignore[assignment]
        try:
            desk.issue(AMOUNT_FEN)
        except Killed:
            nothing_begun = at == 1 and not committed
            if nothing_begun or not recover(shop.desk(card))["balance_fen"]:
                shop.desk(card).issue(AMOUNT_FEN)
            is_whole(shop, card, registered(shop, card).issue, AMOUNT_FEN)
            continue
        except RegistryError as error:
            pytest.fail(str(error))
        break
    writes = 4 if make is fresh else 5
    assert at == writes + 1, "begin, what the card tells of its last life, active, planned, posted"
    holds(shop)


@pytest.mark.parametrize("took_it", [False, True])
def test_pulled_while_it_is_recovered(shop: Shop, took_it: bool) -> None:
    """Twice in a row: at any command of making it, then at any of making it anew."""
    for first in (8, 14, 20):
        for second in range(1, AGAIN_APDUS, 5):
            card = blank()
            with pytest.raises(FAULTS):
                shop.desk(card, gone_at=first, took_it=took_it).issue(0)
            with suppress(*FAULTS):  # the last ones are beyond what is left to do
                recover(shop.desk(card, gone_at=second, took_it=took_it))
            recover(shop.desk(card))
            is_whole(shop, card, 1, 0)


def test_there_is_nothing_to_recover(shop: Shop) -> None:
    with pytest.raises(RegistryError, match="not in the books: issue it as a blank one"):
        recover(shop.desk(blank()))
    card = shop.card(0)
    end_life(shop, card, "void")
    with pytest.raises(RegistryError, match="is void: there is nothing to be finished"):
        recover(shop.desk(card))
