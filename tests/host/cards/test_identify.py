"""Messages of account cards: each names its card once, none that is older, forged or a stranger's."""

import random
from pathlib import Path

import pytest

from host.cards import hotlist, registry
from host.cards.identify import SunRefused
from host.cards.registry import RegistryError
from tests.host.looks import flags
from tests.host.rig import Shop, open_shop
from tests.host.tags import BASE, account_tag, identify, message, prove


def refused(shop: Shop, url: str) -> str:
    with pytest.raises(SunRefused) as caught:
        identify(shop, url)
    return caught.value.code


def test_a_counter_only_rises(shop: Shop) -> None:
    card = account_tag(shop)
    urls = [message(card) for _ in range(4)]
    assert identify(shop, urls[1])
    assert refused(shop, urls[1]) == "replayed"
    assert refused(shop, urls[0]) == "rolled-back"
    assert identify(shop, urls[3])
    assert refused(shop, urls[2]) == "rolled-back"
    assert flags(shop, card) == ["message replayed", "message rolled-back"]  # type: ignore[arg-type]
    assert identify(shop, message(card))


def test_a_message_put_together_from_two_is_forged(shop: Shop) -> None:
    one, other = account_tag(shop), account_tag(shop, 2)
    first, second = message(one), message(other)
    assert refused(shop, first[:-16] + second[-16:]) == "forged"
    assert refused(shop, first[:-1] + ("0" if first[-1] != "0" else "1")) == "forged"
    assert flags(shop, one) == ["message forged"] and flags(shop, other) == []  # type: ignore[arg-type]
    assert shop.alarms() == ["sun-forged"], "once in a while is enough"
    assert identify(shop, first), "a forgery takes no counter"


def test_messages_of_other_installations_and_of_nobody(shop: Shop, tmp_path: Path) -> None:
    other = open_shop(tmp_path / "other")
    assert refused(shop, message(account_tag(other))) == "unknown-card"
    rng = random.Random(2)
    for _ in range(300):
        url = f"{BASE}?p={rng.randbytes(16).hex()}&m={rng.randbytes(8).hex()}"
        assert refused(shop, url) == "unknown-card"
    assert refused(shop, "https://example.com/") == refused(shop, "卡") == refused(shop, "") == "malformed"
    assert shop.query("SELECT count(*) FROM card_flags") == [(0,)]


def test_a_lost_or_hotlisted_card_is_not_named(shop: Shop) -> None:
    card = account_tag(shop)
    with shop.opened.database.write() as connection:
        hotlist.add(connection, card.uid, "listed", "operator:desk")
    assert refused(shop, message(card)) == "hotlisted"
    with pytest.raises(RegistryError, match="hotlist"):
        prove(shop, card)
    with shop.opened.database.write() as connection:
        registry.become(connection, registry.known(connection, card.uid), "lost", "operator:desk")
    assert refused(shop, message(card)) == "card-state"
    assert "message while lost" in flags(shop, card)  # type: ignore[arg-type]
