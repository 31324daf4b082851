"""Who names a card by its number or its UID gets that one, or none."""

import pytest

from host.cards import naming, plain
from host.cards.registry import RegistryError
from host.ledger.books import book
from tests.host.looks import end_life, registered
from tests.host.rig import Shop

CHOSEN = bytes.fromhex("75500001")  # a UID that somebody chose, for it is a number of ours


def code(shop: Shop, text: str) -> str:
    with pytest.raises(RegistryError) as caught:
        shop.look(naming.named, text)
    return caught.value.code


def test_a_card_is_named_by_its_number_or_its_uid(shop: Shop) -> None:
    card = shop.card(0)
    found = registered(shop, card)
    for text in (found.number, found.uid_hex, found.uid_hex.lower()):
        assert shop.look(naming.named, text) == found
    for text in ("", "nobody", "00", "04FF"):
        assert code(shop, text) == "unknown-card"


def test_a_number_that_is_another_card_s_uid_names_neither(shop: Shop) -> None:
    with book(shop.opened.database) as books:
        true = plain.register(books, bytes.fromhex("00A1B2C3"), "operator:desk", CHOSEN.hex())
        assert naming.named(books.connection, CHOSEN.hex()).uid == true.uid
        plain.register(books, CHOSEN, "operator:desk")
    assert code(shop, CHOSEN.hex()) == "ambiguous"
    assert shop.look(naming.named, "00A1B2C3").uid == true.uid


def test_the_number_of_a_life_that_is_over_names_nobody_s_card(shop: Shop) -> None:
    card = shop.card(500)
    former = registered(shop, card).number
    end_life(shop, card, "returned")
    assert shop.look(naming.named, former).state == "returned", "nobody else has it yet"
    shop.desk(card).issue(0)
    assert code(shop, former) == "former-number"
    assert shop.look(naming.named, registered(shop, card).number).issue == 2
