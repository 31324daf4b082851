"""Configurations as they are asked for, kept, told and shown; what no kiosk could work by is refused."""

from pathlib import Path
from typing import Any

import pytest

from host.db import engine
from host.db.connection import breaches
from host.errors import Refused
from host.terminals.fleet import config_form, configs, font
from host.terminals.fleet.configs import Config
from protocol.wire import cbor, envelope, kinds, messages, seal
from protocol.wire import config as wire
from tests.host.db.test_schema import migrate
from tests.host.rig import KioskSide, Shop

SHOP: dict[str, Any] = {
    "mode": "list",
    "prices": [["美甲", 8800], ["洗头", 3000]],
    "max_fen": 50_000,
    "quiet": [1320, 480],
    "hours": [[600, 1320]],
    "utc_offset_min": -300,
    "title": "兰亭",
    "language": "en",
}


def drawn(characters: str) -> bytes:
    """For both displays."""
    return font.build(characters, font.TEXT_24) + font.build(characters, font.TEXT_16)


def test_a_usual_configuration_says_no_more_than_an_older_kiosk_knows() -> None:
    assert set(configs.told(Config(2500))) == {
        "price_fen",
        "language",
        "verdict_wait_ms",
        "offline_total_fen",
        "offline_card_fen",
        "offline_card_count",
        "offline_max_age_h",
    }
    usual = Config(1)
    for name, value in wire.DEFAULTS.items():
        assert name == "glyphs" or configs.frozen(value) == getattr(usual, name)


def test_what_is_asked_for_reaches_the_kiosk_with_its_characters(shop: Shop) -> None:
    kiosk = shop.connected()
    config = config_form.read(SHOP, shop.look(configs.newest, 1)[1])
    shop.kiosks.register("K1", config, "operator:ann")
    assert shop.look(configs.newest, 1) == (2, config)
    told = shop.tell(kiosk, kiosk.hello())[messages.CONFIG]
    assert {name: told[name] for name in SHOP} == SHOP and told["price_fen"] == 2500
    assert told["glyphs"] == drawn("美甲洗头兰亭")
    assert [(one["version"], one["who"]) for one in shop.look(configs.history, "K1")] == [
        (2, "operator:ann"),
        (1, "operator:desk"),
    ]
    again = config_form.read({"mode": "fixed", "prices": [], "title": "Lan"}, config)
    assert again.hours == config.hours and "glyphs" not in configs.told(again)
    assert not configs.told(again).keys() & {"mode", "prices"}


def test_labels_that_are_not_shown_cost_no_characters() -> None:
    config = config_form.read(SHOP | {"mode": "keypad"}, Config(1))
    assert configs.told(config)["glyphs"] == drawn("兰亭")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"mode": "lottery"}, "mode must be one of fixed, keypad"),
        ({"language": "fr"}, "language must be one of zh, en"),
        ({"mode": "list"}, "mode list has no prices"),
        ({"prices": [["x", 0]]}, "prices must be a list of at most 12"),
        ({"prices": [["x", 1]] * 13}, "prices must be a list of at most 12"),
        ({"prices": [["x\n", 1]]}, "prices must be"),
        ({"prices": [["x", 1], [" ", 1]]}, "prices must be"),
        ({"prices": [["\u3000", 1]]}, "prices must be"),
        ({"prices": [["一二三四五六七", 1]]}, "is too wide: a screen has room for 12 Latin or 6 Chinese"),
        ({"prices": [["x", 1, 2]]}, "prices must be"),
        ({"quiet": [60, 60]}, "quiet must be a list of at most 2"),
        ({"quiet": [0, 1441]}, "quiet must be"),
        ({"quiet": "22:00"}, "quiet must be"),
        ({"hours": [[1, 2]] * 8}, "hours must be a list of at most 7"),
        ({"hours": [[]]}, "hours must be"),
        ({"max_fen": 0}, "max_fen must be a whole number from 1 to 500000"),
        ({"price_fen": True}, "price_fen must be"),
        ({"utc_offset_min": 900}, "utc_offset_min must be"),
        ({"title": "x" * 31}, "title must be a text of 0 to 30 characters, a Chinese one counts as three"),
        ({"title": "x" * 21}, "is too wide: a screen has room for 20 Latin or 10 Chinese"),
        ({"title": "a\x00"}, "title must be"),
        ({"title": "💳"}, r"A kiosk cannot show this: .* is not in Noto Sans SC"),
        ({"title": None}, "title must be"),
    ],
)
def test_what_no_kiosk_could_work_by_is_refused(content: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        config_form.read(content, Config(2500))
    assert refused.value.status == 400


def test_a_new_kiosk_needs_a_price_when_it_sells_at_one() -> None:
    for content in ({}, {"mode": "fixed"}):
        with pytest.raises(Refused, match="new kiosk of mode fixed has no price"):
            config_form.read(content, None)
    with pytest.raises(Refused, match="price_fen must be"):
        config_form.read({"mode": "keypad", "price_fen": 0}, None)
    assert config_form.read({"mode": "keypad"}, None).mode == "keypad"


def test_more_characters_than_a_message_carries_are_refused_with_their_number() -> None:
    drawn = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜"
    prices = [[drawn[at : at + 4], 100] for at in range(0, 40, 4)]
    with pytest.raises(Refused, match="40 different characters beyond ASCII, too many by"):
        config_form.read({"mode": "list", "prices": prices}, Config(1))
    assert config_form.read({"mode": "list", "prices": prices[:6]}, Config(1))


def test_the_greatest_configuration_is_a_packet_below_4_kb() -> None:
    body = {row[0]: _greatest(row) for row in wire.MESSAGES[wire.CONFIG][2]}
    messages.check(wire.CONFIG, messages.DOWN, body)
    name = "x" * envelope.KIOSK_NAME_MAX
    message = envelope.seal(bytes(32), messages.DOWN, name, (0, kinds.U32), wire.CONFIG, body)
    assert len(cbor.encode(body)) > wire.GLYPHS_MAX + 2 * wire.VERSIONS_MAX * seal.ROLE_KEY_SIZE
    assert len(message) + len("tapledger/v1//down") + len(name) + 8 < 4096


def _greatest(row: Any) -> Any:
    what, low, high = row[2], row[4], row[5]
    if what == "uint":
        return high
    made: dict[str, Any] = {
        "bytes": bytes(high),
        "text": "x" * high,
        "prices": [["x" * kinds.LABEL_MAX, kinds.AMOUNT_FEN_MAX]] * high,
        "span": [1320, 480],
        "spans": [[1320, 480]] * high,
        "int": low,
    }
    return made[what]


def reject(kiosk: KioskSide, version: int, why: str = "restarts") -> bytes:
    sequence = (kiosk.epoch, 0)
    return kiosk.message(sequence, wire.REJECTED, nonce=kiosk.nonce, version=version, reason=why)


def test_what_a_kiosk_rejected_is_alarmed_once_and_not_told_again(shop: Shop) -> None:
    kiosk = shop.connected()
    shop.kiosks.register("K1", Config(100), "operator:ann")
    assert shop.tell(kiosk, kiosk.hello(config=1))[messages.CONFIG]["version"] == 2
    for _ in range(2):
        assert shop.tell(kiosk, reject(kiosk, 2)) == {}
    assert shop.alarms() == ["config-rejected"]
    assert messages.CONFIG not in shop.tell(kiosk, kiosk.hello(config=1))
    assert shop.look(configs.history, "K1")[0]["rejected"] == "restarts"
    assert shop.look(configs.history, "K1")[1]["rejected"] is None
    shop.kiosks.register("K1", Config(200), "operator:ann")
    assert shop.tell(kiosk, kiosk.hello(config=1))[messages.CONFIG]["version"] == 3


def test_a_rejection_of_another_session_or_of_what_was_never_told_is_nothing(shop: Shop) -> None:
    kiosk = shop.connected()
    shop.tell(kiosk, reject(kiosk, 9))
    old = reject(kiosk, 1)
    shop.tell(kiosk, kiosk.hello(b"nonce--2", config=1), old)
    assert shop.query("SELECT count(*) FROM config_rejections") == [(0,)] and shop.alarms() == []


def kiosk_of_before(database: engine.Database, config: Config) -> int:
    """Number of a kiosk in the books, with its first configuration."""
    with database.write() as connection:
        sql = "INSERT INTO kiosks (name, issue, made_at_s) VALUES ('K1', 1, 0) RETURNING number"
        number = int(connection.execute(sql).fetchone()[0])
        connection.execute("INSERT INTO kiosk_sessions (kiosk, epoch) VALUES (?, 1)", (number,))
        configs.add(connection, number, config, "x")
    return number


def test_the_step_that_keeps_rejections_goes_down_without_any(place: Path | str) -> None:
    database = engine.create_or_open(place)
    number = kiosk_of_before(database, Config(2500))
    migrate(place, "0019")
    migrate(place, "head")
    with database.write() as connection:
        assert configs.reject(connection, number, 1, "restarts")
    with pytest.raises(breaches(), match="append-only"), database.write() as connection:
        connection.execute("DELETE FROM config_rejections")
    with pytest.raises(ValueError, match="configurations that kiosks rejected"):
        migrate(place, "0019")
    database.close()


def test_the_step_keeps_what_kiosks_do_and_refuses_to_lose_more(place: Path | str) -> None:
    database = engine.create_or_open(place)
    number = kiosk_of_before(database, Config(2500, "en"))
    migrate(place, "0015")
    migrate(place, "head")
    with database.write() as connection:
        assert configs.newest(connection, number) == (1, Config(2500, "en"))
        configs.add(connection, number, Config(2500, title="兰亭"), "x")
    with pytest.raises(ValueError, match="modes, prices or hours of their own"):
        migrate(place, "0015")
    with database.read() as connection:
        assert configs.newest(connection, number) == (2, Config(2500, title="兰亭"))
    database.close()
