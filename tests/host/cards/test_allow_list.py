"""The allow-list follows the cards; parts go to kiosks one after the other, and each kiosk has its own."""

from pytest_mock import MockerFixture

from host import clock
from host.cards import allow_list, hotlist, registry
from protocol.card import apdu, layout, purse
from protocol.wire import lists, mac
from protocol.wire.messages import ALLOWED, WELCOME
from simulator.card import DesfireCard
from tests.host.looks import end_life, list_card
from tests.host.rig import DirectConnection, KioskSide, Shop

HOUR_S = 3600


class Listing:
    """A kiosk's side of the list: what it took, part by part."""

    def __init__(self, shop: Shop, kiosk: KioskSide) -> None:
        self._shop, self.kiosk = shop, kiosk
        self._key = lists.list_key(mac.kiosk_keys(kiosk.given["secret"])[2])
        self.version = 0
        self.parts: dict[int, bytes] = {}
        self.messages = 0

    def hear(self, down: list[tuple[str, bytes]]) -> None:
        """Take what came, in the order of its versions, and confirm until nothing more comes."""
        while True:
            begun = len(self.kiosk.inbox)
            self.kiosk.hear_all(down)
            told = [values for kind, values in self.kiosk.inbox[begun:] if kind == ALLOWED]
            if not told:
                return
            assert len(told) <= 4
            for values in told:
                assert values["after"] <= self.version < values["version"]
                self.version = values["version"]
                self.parts[values["part"]] = values["fingerprints"]
                self.messages += 1
            confirmed = self.kiosk.applied(1, self._shop.look(hotlist.version), allowed=self.version)
            down = self._shop.write([(self.kiosk.topic, confirmed)])

    def pushed(self) -> int:
        """Something happened -> how many parts the kiosk was sent."""
        before = self.messages
        self.hear(self._shop.write([], pushed=True))
        return self.messages - before

    def holds(self, uid: bytes, data: bytes) -> bool:
        wanted = lists.fingerprint(self._key, lists.seed(uid, data))
        size = lists.FINGERPRINT_SIZE
        rows = [part[at : at + size] for part in self.parts.values() for at in range(0, len(part), size)]
        for part in self.parts.values():
            one = [part[at : at + size] for at in range(0, len(part), size)]
            assert one == sorted(one)
        return wanted in rows


def data_of(shop: Shop, uid: bytes) -> bytes:
    card = shop.look(registry.newest, uid)
    assert card is not None
    key = shop.opened.keeper.card_key("data", uid, card.life_key_version)
    return layout.card_data(key, uid, card.issue, card.number)


def listed(shop: Shop, listing: Listing, card: DesfireCard) -> bool:
    return listing.holds(card.uid, data_of(shop, card.uid))


def many(shop: Shop, first: int, count: int) -> list[bytes]:
    """So many active purses, without cards."""
    uids = [bytes([4]) + n.to_bytes(6, "big") for n in range(first, first + count)]
    with shop.opened.database.write() as connection:
        for uid in uids:
            card = registry.begin(connection, uid, 1, "operator:desk")
            registry.become(connection, card, "active", "operator:desk")
    return uids


def connected(shop: Shop, name: str = "K1") -> Listing:
    return Listing(shop, shop.connected(name))


def test_what_is_on_the_card_is_what_stands_in_the_list(shop: Shop) -> None:
    listing, card = connected(shop), shop.card()
    assert listing.pushed() == 1
    opening = purse.open_purse(card.uid, shop.debit_key(card), bytes(16))
    opened = apdu.run(opening, DirectConnection(card).send_and_receive)
    assert listing.holds(card.uid, opened.data)
    assert not listing.holds(card.uid, bytes(32))
    assert listing.pushed() == 0, "nothing happened"


def test_only_active_purses_that_are_not_hot_are_listed(shop: Shop, mocker: MockerFixture) -> None:
    listing, good, lost, hot = connected(shop), shop.card(), shop.card(), shop.card()
    listing.pushed()
    assert all(listed(shop, listing, card) for card in (good, lost, hot))
    end_life(shop, lost, "lost")
    list_card(shop, hot.uid)
    listing.pushed()
    assert [listed(shop, listing, card) for card in (good, lost, hot)] == [True, False, False]
    with shop.opened.database.write() as connection:
        hotlist.remove(connection, hot.uid, "found", "operator:desk")
    listing.pushed()
    assert listed(shop, listing, hot)


def test_a_new_card_costs_a_kiosk_a_short_message(shop: Shop) -> None:
    many(shop, 1000, 2000)
    listing = connected(shop)
    listing.pushed()
    assert sum(map(len, listing.parts.values())) == 2000 * lists.FINGERPRINT_SIZE
    for _ in range(3):
        card = shop.card()
        assert listing.pushed() == 1
        assert listed(shop, listing, card)
    assert len(listing.parts[0]) == 3 * lists.FINGERPRINT_SIZE


def test_a_full_part_0_moves_into_the_others_and_no_card_is_missing_meanwhile(shop: Shop) -> None:
    listing = connected(shop)
    uids = many(shop, 1000, lists.FRESH_MAX)
    assert listing.pushed() == 1 and set(listing.parts) == {0}
    uids += many(shop, 5000, 1)
    before = dict(listing.parts)
    down = shop.write([], pushed=True)
    versions = [version for version, _ in shop.look(allow_list.parts_after, listing.version)]
    parts = [part for _, part in shop.look(allow_list.parts_after, listing.version)]
    assert (versions, parts) == (sorted(versions), [1, 0]), "there before it leaves here"
    listing.hear(down)
    assert before[0] and listing.parts[0] == b""
    assert all(listing.holds(uid, data_of(shop, uid)) for uid in uids)


def test_what_leaves_an_older_part_goes_later_in_one_message(shop: Shop, mocker: MockerFixture) -> None:
    listing = connected(shop)
    many(shop, 1000, 200)
    gone = [shop.card() for _ in range(3)]
    many(shop, 3000, 200)
    listing.pushed()
    assert all(listed(shop, listing, card) for card in gone)
    for card in gone:
        end_life(shop, card, "void")
        assert listing.pushed() == 0
    mocker.patch.object(clock, "now_s", return_value=clock.now_s() + allow_list.LEAVE_S + 1)
    assert listing.pushed() == 1
    assert not any(listed(shop, listing, card) for card in gone)


def test_a_new_life_is_another_entry(shop: Shop) -> None:
    listing, card = connected(shop), shop.card(0)
    listing.pushed()
    former = data_of(shop, card.uid)
    end_life(shop, card, "void")
    shop.desk(card).issue(0)
    listing.pushed()
    assert not listing.holds(card.uid, former) and listed(shop, listing, card)


def test_parts_are_sent_on_where_they_stopped(shop: Shop, mocker: MockerFixture) -> None:
    mocker.patch.object(lists, "PART_MAX", 50)
    many(shop, 1, 8 * lists.PART_MAX)
    listing = connected(shop)
    listing.kiosk.hear_all(shop.write([], pushed=True))  # four parts, and the line breaks
    sent = [values["version"] for kind, values in listing.kiosk.inbox if kind == ALLOWED]
    assert len(sent) == 4
    listing.kiosk.inbox.clear()
    listing.version = sent[1]  # two were kept
    hello = listing.kiosk.hello(b"nonce--2", config=1, allowed=listing.version)
    listing.hear(shop.write([(listing.kiosk.topic, hello)]))
    assert listing.version == shop.look(allow_list.version)
    assert listing.messages == len(shop.look(allow_list.parts_after, sent[1]))
    welcome = next(values for kind, values in listing.kiosk.inbox if kind == WELCOME)
    assert welcome["allowed"] == listing.version


def test_what_one_kiosk_holds_says_nothing_about_another(shop: Shop) -> None:
    shop.card()
    one, two = connected(shop, "K1"), connected(shop, "K2")
    one.pushed()
    two.hear(shop.write([(two.kiosk.topic, two.kiosk.hello(b"nonce--2", config=1))]))
    assert len(one.parts[0]) == len(two.parts[0]) == lists.FINGERPRINT_SIZE
    assert one.parts[0] != two.parts[0]


def test_a_list_that_is_full_says_so_and_takes_in_who_waits(shop: Shop, mocker: MockerFixture) -> None:
    mocker.patch.multiple(lists, PARTS=2, PART_MAX=10, FRESH_MAX=4)
    listing = connected(shop)
    uids = many(shop, 1, 20)
    listing.pushed()
    held = [uid for uid in uids if listing.holds(uid, data_of(shop, uid))]
    assert len(held) == 14 and shop.alarms() == ["allow-list-full"]
    missing = sorted(set(uids) - set(held))
    with shop.opened.database.write() as connection:
        for uid in held[:6]:
            card = registry.newest(connection, uid)
            assert card is not None
            registry.become(connection, card, "void", "operator:desk")
    listing.pushed()
    assert all(listing.holds(uid, data_of(shop, uid)) for uid in missing)


def test_the_list_is_followed_from_where_it_stood(shop: Shop) -> None:
    """Another process may commit a state under a lower number after a higher one was seen."""
    listing, card = connected(shop), shop.card()
    listing.pushed()
    with shop.opened.database.write() as connection:
        connection.execute("DELETE FROM allow_cards")  # as if it had not been seen
    other = shop.card()
    listing.pushed()
    assert listed(shop, listing, card) and listed(shop, listing, other)
