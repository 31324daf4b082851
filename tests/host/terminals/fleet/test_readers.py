"""Readers on clerks' PCs among the terminals: none of their reports counts, and they get no keys."""

from pathlib import Path

import pytest

from host.cards import hotlist
from host.db import engine
from host.errors import Refused
from host.terminals.fleet import exposure, kiosks, revoked
from host.terminals.fleet.configs import Config
from host.terminals.fleet.kiosks import Kiosks
from host.terminals.talk import key_news
from protocol.wire import messages
from tests.host.db.test_schema import migrate
from tests.host.looks import balance, holds, list_card, registered
from tests.host.rig import Shop


def test_a_reader_is_welcomed_and_given_neither_keys_nor_lists(shop: Shop) -> None:
    shop.kiosk("K1")
    list_card(shop, bytes(7))
    reader = shop.reader()
    assert [kind for kind, _ in reader.inbox] == [messages.WELCOME, messages.ACK]
    with shop.opened.database.write() as connection:
        connection.execute("DELETE FROM settings WHERE name = ?", (key_news.SETTING,))
        key_news.renew(connection, shop.opened.keeper)
    assert reader.hear_all(shop.write([], pushed=True)) == {}
    assert reader.hear_all(shop.write([(reader.topic, reader.hello(nonce=b"nonce--2"))])).keys() == {
        messages.WELCOME,
        messages.ACK,
    }
    assert shop.query("SELECT count(*) FROM kiosk_configs c JOIN kiosks k ON k.number = c.kiosk"
                      " WHERE k.kind = 'reader'") == [(0,)]  # fmt: skip


def test_what_a_reader_claims_of_versions_moves_none_of_ours(shop: Shop) -> None:
    reader = shop.reader()
    claimed = reader.hello(nonce=b"nonce--2", config=9, hotlist=900)
    shop.tell(reader, claimed)
    assert shop.alarms() == []
    assert shop.look(hotlist.version) == 0


def test_no_report_of_a_reader_is_booked(shop: Shop) -> None:
    """Not even one that a card would prove: no reader holds the key to make it."""
    reader, card = shop.reader(), shop.card(10_000)
    kiosk = shop.connected("K1")
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    forged = reader.message(number, messages.SALE, **values)
    left = {name: value for name, value in values.items() if name != "tmv"}
    opened = reader.message((1, 2), messages.UNSETTLED, **left)
    applied = reader.applied(1, 1)
    assert shop.write([(reader.topic, one) for one in (forged, opened, applied, reader.journal(
        ((1, 3), messages.UNSETTLED, left), ((1, 4), messages.SALE, values)))]) == []  # fmt: skip
    assert shop.batches.rejections.to_json()["counts"] == {"reader": 5}
    assert "DESK1 is desk reader" in str(shop.batches.rejections.to_json()["sample"])
    assert (balance(shop, card), shop.query("SELECT count(*) FROM unsettled")) == (10_000, [(0,)])
    shop.tell(kiosk, kiosk.message(number, messages.SALE, **values))  # whose it is counts
    assert balance(shop, card) == 7500
    holds(shop)


def test_the_value_of_a_lost_card_waits_for_no_reader(shop: Shop) -> None:
    shop.reader()
    card = shop.card(10_000)
    list_card(shop, card.uid)
    assert shop.look(exposure.released, registered(shop, card)) == []
    assert shop.look(exposure.stale) == []


def test_a_name_is_of_one_kind(shop: Shop) -> None:
    shop.kiosk("K1")
    shop.reader("DESK1")
    for name, config in (("K1", None), ("DESK1", Config(100))):
        with pytest.raises(Refused, match="already: choose another name"):
            shop.kiosks.register(name, config, "operator:desk")
    again = Kiosks(shop.opened.database, shop.opened.keeper)
    assert {kiosk.name: kiosk.kind for kiosk in again.all()} == {"K1": "kiosk", "DESK1": "reader"}
    assert shop.look(kiosks.names) == [(1, "K1")]
    assert [name for _, name in shop.look(kiosks.names, kiosks.READER)] == ["DESK1"]


def test_a_revoked_reader_is_told_nothing_and_gets_another_secret(shop: Shop) -> None:
    reader = shop.reader()
    with shop.opened.database.write() as connection:
        revoked.revoke(connection, "DESK1", "stolen", "operator:boss")
    assert shop.write([(reader.topic, reader.hello(nonce=b"nonce--2"))]) == []
    assert shop.reader().given["secret"] != reader.given["secret"]


def test_the_step_is_taken_back_while_there_are_only_kiosks(place: Path | str) -> None:
    database = engine.create_or_open(place)
    with database.write() as connection:
        connection.execute("INSERT INTO kiosks (name, issue, made_at_s) VALUES ('K1', 1, 0)")
    migrate(place, "0014")
    migrate(place, "head")
    with database.write() as connection:
        assert connection.execute("SELECT kind FROM kiosks").fetchone()["kind"] == "kiosk"
        connection.execute("INSERT INTO kiosks (name, issue, kind, made_at_s) VALUES ('D', 1, 'reader', 0)")
    with pytest.raises(ValueError, match="these books have desk readers"):
        migrate(place, "0014")
    database.close()
