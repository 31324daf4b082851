"""When the versions of cards in circulation change, every kiosk gets a new configuration, once."""

from pytest_mock import MockerFixture

from host.cards import rekey
from host.terminals.fleet.configs import Config
from host.terminals.talk import key_news, news
from protocol.wire.messages import CONFIG
from tests.host.looks import registered
from tests.host.rig import DirectConnection, Shop

ANY = b"a passphrase"


def renew(shop: Shop) -> bool:
    with shop.opened.database.write() as connection:
        return key_news.renew(connection, shop.opened.keeper)


def configs(shop: Shop) -> list[tuple[int, int, str]]:
    return shop.query(
        "SELECT kiosk, version, who FROM kiosk_configs WHERE version > 1 ORDER BY kiosk, version"
    )


def test_nothing_is_told_while_nothing_changed(shop: Shop) -> None:
    shop.connected()
    assert not renew(shop) and configs(shop) == []
    shop.opened.keeper.rotate(["credit", "tmac"], ANY)
    assert not renew(shop) and configs(shop) == [], "no kiosk holds these"


def test_a_rotation_and_the_last_old_card_are_told_to_every_kiosk_once(shop: Shop) -> None:
    old, kiosk, _ = shop.card(), shop.connected("K1"), shop.connected("K2")
    shop.tell(kiosk, kiosk.applied(1, 0))
    shop.opened.keeper.rotate(["debit", "read"], ANY)
    assert renew(shop) and not renew(shop)
    assert configs(shop) == [(1, 2, key_news.WHO), (2, 2, key_news.WHO)]
    heard = kiosk.hear_all(shop.write([], pushed=True))
    assert heard[CONFIG]["version"] == 2 and heard[CONFIG]["price_fen"] == 2500
    assert kiosk.role_keys is not None and list(kiosk.role_keys["debit"]) == [2, 1]
    rekey.move_keys(
        shop.opened.database,
        shop.opened.keeper,
        DirectConnection(old),
        registered(shop, old),
        "operator:desk",
    )
    assert renew(shop) and not renew(shop)
    kiosk.hear_all(shop.write([], pushed=True))
    assert list(kiosk.role_keys["debit"]) == [2] and list(kiosk.role_keys["read"]) == [2]


def test_a_kiosk_holds_the_keys_of_its_mode_and_they_follow_it(shop: Shop) -> None:
    kiosk = shop.connected()
    assert kiosk.role_keys is not None and list(kiosk.role_keys["debit"]) == [1]
    for version, mode in enumerate(("balance", "till", "collect", "list", "pass", "keypad"), 2):
        shop.kiosks.register("K1", Config(100, mode=mode, prices=(("Tea", 100),)), "operator:boss")
        heard = kiosk.hear_all(shop.write([], pushed=True))
        assert heard[CONFIG]["version"] == version
        debits = mode in ("till", "list", "keypad")
        assert list(kiosk.role_keys["read"]) == [1]
        assert list(kiosk.role_keys["debit"]) == ([1] if debits else []), mode


def test_a_station_of_before_gives_its_debit_key_back_at_its_next_hello(
    shop: Shop, mocker: MockerFixture
) -> None:
    """The host of before gave every kiosk all roles."""
    mocker.patch.object(news, "WITHOUT_DEBIT", news.KIOSK_ROLES)
    shop.connected("K1")
    station = shop.connected("K2")
    shop.kiosks.register("K2", Config(100, mode="balance"), "operator:boss")
    station.hear_all(shop.write([], pushed=True))
    assert station.role_keys is not None and list(station.role_keys["debit"]) == [1]
    mocker.stopall()
    shop.tell(station, station.hello(b"nonce--2", config=2))
    assert list(station.role_keys["debit"]) == [1], "it works by the newest version"
    assert renew(shop) and not renew(shop)
    assert configs(shop) == [(2, 2, "operator:boss"), (2, 3, key_news.WHO)], "and no kiosk that debits"
    heard = shop.tell(station, station.hello(b"nonce--3", config=2))
    assert heard[CONFIG]["version"] == 3
    assert list(station.role_keys["debit"]) == [] and list(station.role_keys["read"]) == [1]
