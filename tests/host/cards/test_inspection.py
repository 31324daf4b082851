"""Cards that somebody prepared before they came to the desk, and cards that come back to it."""

import dataclasses
import secrets
from collections.abc import Callable, Generator

import pytest

from host.cards import inspection
from host.cards.card_keys import card_keys
from host.cards.files import FILES
from host.cards.terms import NotPersonalisable
from host.keys import read_passphrase
from protocol.card import apdu, commands, ev2, layout
from protocol.card.apdu import CardError
from simulator.card import DesfireCard
from simulator.card.files import DataFile, TmacFile, ValueFile
from simulator.card.keys import Key
from simulator.card.models import MODELS
from simulator.card.state import PICC
from tests.host.looks import end_life, registered
from tests.host.rig import DirectConnection, Shop, blank, value_fen

Procedure = Generator[bytes, bytes, None]
Content = Callable[[ev2.Session], Procedure]
CREATE_DATA, CREATE_VALUE, CREATE_CYCLIC, CREATE_TMAC, CHANGE_KEY = 0xCD, 0xCC, 0xC0, 0xCE, 0xC4
FREE = 0xE
OURS = layout.RIGHTS


def application(then: Content) -> Procedure:
    """Ours by name, with factory keys, and whatever `then` puts in."""
    yield from apdu.select(bytes(3))
    yield from apdu.exchange(0xCA, layout.AID + bytes([layout.KEY_SETTINGS, 0x80 | layout.KEY_COUNT]))
    yield from apdu.select(layout.AID)
    session = yield from ev2.authenticate(layout.KEY_MASTER, bytes(16), secrets.token_bytes(16))
    yield from then(session)


def prepared(then: Content) -> DesfireCard:
    card = blank()
    apdu.run(application(then), DirectConnection(card).send_and_receive)
    card.leave_field()
    return card


def file(command: int, file_no: int, comm: int, rights: bytes, more: bytes) -> Content:
    def make(session: ev2.Session) -> Procedure:
        yield from session.exchange(command, bytes([file_no, comm]) + rights + more)

    return make


def value(rights: bytes, low: int, high: int, now: int, option: int, comm: int = layout.COMM_FULL) -> Content:
    numbers = b"".join(number.to_bytes(4, "little", signed=True) for number in (low, high, now))
    return file(CREATE_VALUE, layout.FILE_VALUE, comm, rights, numbers + bytes([option]))


def three(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(3, "little") for number in numbers)


ANYBODY_CREDITS = layout.rights(layout.KEY_DEBIT, layout.KEY_CREDIT, FREE, 0)
ANYBODY_CHANGES = layout.rights(layout.KEY_DEBIT, layout.KEY_CREDIT, layout.KEY_CREDIT, FREE)
MAX = layout.VALUE_FEN_MAX
VALUE_RIGHTS, LOG_RIGHTS = OURS[layout.FILE_VALUE], OURS[layout.FILE_LOG]
PREPARED = {
    "anybody credits": value(ANYBODY_CREDITS, 0, MAX, 0, 0),
    "anybody changes rights": value(ANYBODY_CHANGES, 0, MAX, 0, 0),
    "below zero": value(VALUE_RIGHTS, -1000, MAX, 0, 0),
    "no upper limit": value(VALUE_RIGHTS, 0, 2**31 - 1, 0, 0),
    "limited credit": value(VALUE_RIGHTS, 0, MAX, 0, 1),
    "anybody reads the value": value(VALUE_RIGHTS, 0, MAX, 0, 2),
    "value in plain": value(VALUE_RIGHTS, 0, MAX, 0, 0, layout.COMM_PLAIN),
    "money on it": value(VALUE_RIGHTS, 0, MAX, 100, 0),
    "backup data file": file(
        0xCB, layout.FILE_DATA, layout.COMM_MAC, OURS[layout.FILE_DATA], three(layout.DATA_SIZE)
    ),
    "data file too large": file(
        CREATE_DATA, layout.FILE_DATA, layout.COMM_MAC, OURS[layout.FILE_DATA], three(64)
    ),
    "anybody writes the log": file(
        CREATE_CYCLIC,
        layout.FILE_LOG,
        layout.COMM_MAC,
        layout.rights(layout.KEY_READ, FREE, 0, 0),
        three(layout.LOG_SIZE, layout.LOG_RECORDS),
    ),
    "short log": file(CREATE_CYCLIC, layout.FILE_LOG, layout.COMM_MAC, LOG_RIGHTS, three(layout.LOG_SIZE, 2)),
    "log in plain": file(
        CREATE_CYCLIC,
        layout.FILE_LOG,
        layout.COMM_PLAIN,
        LOG_RIGHTS,
        three(layout.LOG_SIZE, layout.LOG_RECORDS),
    ),
}


def tmac_file(session: ev2.Session) -> Procedure:
    """A Transaction MAC file that everybody reads."""
    header = bytes([layout.FILE_TMAC, layout.COMM_MAC]) + layout.rights(FREE, 0xF, 0xF, 0) + b"\x02"
    yield from session.exchange(CREATE_TMAC, header, bytes(16) + b"\x01", layout.COMM_FULL, layout.COMM_MAC)


def is_ours(card: DesfireCard) -> None:
    """Files and settings as we make them, all keys changed, nobody else creates or deletes."""
    level, application = (card.chip.state.applications[aid] for aid in (PICC, layout.AID))
    assert set(card.chip.state.applications) == {PICC, layout.AID}
    assert (level.settings, level.keys[0].kind.name) == (0x09, "AES")
    assert application.settings == layout.KEY_SETTINGS
    for key in (*level.keys, *application.keys):
        assert any(key.value) and key.version == 1
    for one in FILES:
        assert application.files[one.number].settings() == one.settings(1)


@pytest.mark.parametrize("name", [*PREPARED, "anybody reads the counter"])
def test_what_somebody_prepared_is_wiped(shop: Shop, name: str) -> None:
    card = prepared(PREPARED.get(name, tmac_file))
    assert shop.desk(card).issue(0)["state"] == "active"
    is_ours(card)


@pytest.mark.parametrize("key_no", [layout.KEY_MASTER, layout.KEY_READ, layout.KEY_DEBIT, layout.KEY_CREDIT])
def test_somebody_else_s_key_in_our_application_is_wiped(shop: Shop, key_no: int) -> None:
    def change(session: ev2.Session) -> Procedure:
        old = None if key_no == layout.KEY_MASTER else bytes(16)
        yield from commands.change_key(session, key_no, b"A" * 16, 1, old)

    card = prepared(change)
    shop.desk(card).issue(0)
    is_ours(card)


def test_a_blank_card_becomes_ours_to_its_last_key(shop: Shop) -> None:
    card = shop.card(0)
    is_ours(card)
    values = [key.value for app in card.chip.state.applications.values() for key in app.keys]
    assert len(set(values)) == 5


def refused(shop: Shop, card: DesfireCard, reason: str) -> None:
    """It is not made ours, stays as it is, and its life stays pending."""
    before = card.dump()
    with pytest.raises(NotPersonalisable, match=reason):
        shop.desk(card).issue(100)
    assert card.dump() == before
    assert registered(shop, card).state == "pending"
    assert shop.query("SELECT count(*) FROM transactions") == [(0,)]


def test_a_card_with_another_master_key_is_refused(shop: Shop) -> None:
    """Another installation's, or prepared."""
    card = blank()
    card.chip.state.applications[PICC].keys = [Key(b"X" * 16, 1)]
    refused(shop, card, "neither the factory's nor ours")


def test_a_card_that_cannot_be_formatted_is_refused(shop: Shop) -> None:
    card = prepared(PREPARED["anybody credits"])
    card.chip.state.configuration.format_disabled = True
    refused(shop, card, "cannot be formatted")


def test_a_card_whose_new_keys_are_not_the_factory_s_is_refused(shop: Shop) -> None:
    card = blank()
    card.chip.state.configuration.default_key = b"X" * 24
    with pytest.raises(NotPersonalisable, match="New keys on card"):
        shop.desk(card).issue(0)
    assert registered(shop, card).state == "pending"


def test_a_card_of_the_first_generation_is_refused_before_anything_is_changed(shop: Shop) -> None:
    card = blank()
    card.chip.state.model = MODELS["EV1"]
    refused(shop, card, "no MIFARE DESFire EV2 or EV3")


def test_a_card_that_says_a_later_issue_than_the_books_is_refused(shop: Shop) -> None:
    """The books were restored from a backup: there may be money on it."""
    card = shop.card(100)
    copy = DesfireCard.load(card.dump())
    data = copy.chip.state.applications[layout.AID].files[layout.FILE_DATA]
    assert isinstance(data, DataFile)
    data.content = data.content[:1] + b"\x07" + data.content[2:]
    end_life(shop, card, "returned")
    with pytest.raises(NotPersonalisable, match="issue 7, the books know 2"):
        shop.desk(copy).issue(0)
    assert value_fen(copy) == 100


@pytest.mark.parametrize("what", ["file", "data", "value", "counter"])
def test_a_finished_card_that_is_not_as_the_books_say_is_refused(shop: Shop, what: str) -> None:
    """The books take it for new: they were restored, or somebody has our keys."""
    card = shop.card(0)
    files = card.chip.state.applications[layout.AID].files
    value, data, counter = files[layout.FILE_VALUE], files[layout.FILE_DATA], files[layout.FILE_TMAC]
    assert isinstance(value, ValueFile) and isinstance(data, DataFile) and isinstance(counter, TmacFile)
    if what == "file":
        value.upper = 2**31 - 1
    elif what == "data":
        data.content = data.content[:5] + b"9" + data.content[6:]
    elif what == "value":
        value.value = 1
    else:
        counter.counter = 1
    found = registered(shop, card)
    look = inspection.inspect(found, card_keys(shop.opened.keeper, found))
    with pytest.raises(NotPersonalisable):
        apdu.run(look, DirectConnection(card).send_and_receive)


class Swallows(DirectConnection):
    """Somebody between reader and card, who keeps the change of the card's own key back."""

    def send_and_receive(self, apdu: bytes) -> bytes:
        if apdu[1] == CHANGE_KEY and apdu[5] == commands.AES_PICC_KEY:
            return b"\x91\x00"
        return super().send_and_receive(apdu)


def test_a_card_whose_own_key_was_not_changed_is_not_called_ours(shop: Shop) -> None:
    card = blank()
    desk = shop.desk(card)
    desk.connection = Swallows(card)
    with pytest.raises(CardError, match="refused authentication"):
        desk.issue(0)
    assert registered(shop, card).state == "pending"
    assert shop.desk(card).issue(0)["state"] == "active", "without him it is made ours"
    is_ours(card)


def test_a_version_of_a_few_bytes_is_a_fault_of_the_card(shop: Shop) -> None:
    """Whoever answers knows the factory's key, so that its MAC is right."""
    card = blank()
    card.chip.state.model = dataclasses.replace(MODELS["EV2"], hardware=b"", software=b"")
    with pytest.raises(CardError, match="version of 14 bytes"):
        shop.desk(card).issue(0)


def test_a_card_that_was_given_back_begins_anew(shop: Shop) -> None:
    card = shop.card(700)
    end_life(shop, card, "returned")
    made = shop.desk(card).issue(100)
    assert (made["issue"], made["number"], made["balance_fen"]) == (2, "000000000002", 100)
    assert value_fen(card) == 100
    is_ours_again = card.chip.state.applications[layout.AID].files[layout.FILE_TMAC]
    assert isinstance(is_ours_again, TmacFile) and is_ours_again.counter == 1


def test_a_card_of_an_older_generation_of_keys_comes_back_to_the_newest(shop: Shop) -> None:
    card = shop.card(0)
    end_life(shop, card, "returned")
    before = [key.value for key in card.chip.state.applications[PICC].keys]
    passphrase = read_passphrase(shop.opened.data, None)
    shop.opened.keeper.rotate(["picc", "master", "debit"], passphrase)
    assert shop.desk(card).issue(100)["issue"] == 2
    level, application = (card.chip.state.applications[aid] for aid in (PICC, layout.AID))
    assert [key.value for key in level.keys] != before
    assert [key.version for key in (*level.keys, *application.keys)] == [2, 2, 1, 2, 1]
