"""Cards that somebody prepared before they came to the desk."""

import secrets
from collections.abc import Callable, Generator

import pytest

from host.cards import registry
from host.cards.personalise import NotPersonalisable
from protocol.card import apdu, ev2, layout, tmac
from simulator.card import DesfireCard
from tests.host.looks import registered
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


@pytest.mark.parametrize("name", [*PREPARED, "anybody reads the counter"])
def test_a_card_with_a_file_that_is_not_as_we_make_it_is_refused(shop: Shop, name: str) -> None:
    card = prepared(PREPARED.get(name, tmac_file))
    with pytest.raises(NotPersonalisable, match="somebody prepared this card"):
        shop.desk(card).issue(0)
    assert registered(shop, card).state == "pending"
    assert shop.query("SELECT count(*) FROM transactions") == [(0,)]


@pytest.mark.parametrize("key_no", [layout.KEY_READ, layout.KEY_DEBIT, layout.KEY_CREDIT])
def test_a_card_with_somebody_else_s_key_is_refused(shop: Shop, key_no: int) -> None:
    def change(session: ev2.Session) -> Procedure:
        data = ev2.change_key_data(b"A" * 16, 1, bytes(16))
        yield from session.exchange(CHANGE_KEY, bytes([key_no]), data, layout.COMM_FULL, layout.COMM_MAC)

    card = prepared(change)
    with pytest.raises(NotPersonalisable, match=rf"key {key_no}"):
        shop.desk(card).issue(0)
    assert shop.query("SELECT count(*) FROM transactions") == [(0,)]


def test_a_counter_that_moved_before_the_first_load_is_refused(shop: Shop) -> None:
    """Credit and debit of the same amount under a credit key that is still the factory's."""

    def used(session: ev2.Session) -> Procedure:
        yield from value(VALUE_RIGHTS, 0, MAX, 0, 0)(session)
        header = bytes([layout.FILE_TMAC, layout.COMM_MAC]) + OURS[layout.FILE_TMAC] + b"\x02"
        secret = bytes(16) + b"\x01"
        yield from session.exchange(CREATE_TMAC, header, secret, layout.COMM_FULL, layout.COMM_MAC)
        credit = yield from ev2.authenticate(layout.KEY_CREDIT, bytes(16), secrets.token_bytes(16))
        # The last one takes the debit out of the file's settings, where LimitedCredit's limit would show it.
        for command, amount_fen in ((tmac.CREDIT, 100), (tmac.DEBIT, 100), (tmac.DEBIT, 0)):
            yield from credit.exchange(
                *(command, bytes([layout.FILE_VALUE]), amount_fen.to_bytes(4, "little")),
                *(layout.COMM_FULL, layout.COMM_MAC),
            )
            yield from credit.exchange(0xC7, b"\x01")

    card = prepared(used)
    with pytest.raises(NotPersonalisable, match="its counter or its value is not 0"):
        shop.desk(card).issue(0)


def test_a_refused_card_stays_pending_and_its_one_life_is_used_when_it_comes_back_clean(shop: Shop) -> None:
    card = prepared(PREPARED["anybody credits"])
    for _ in range(3):
        with pytest.raises(NotPersonalisable):
            shop.desk(card).issue(100)
    card.leave_field()
    del card.chip.state.applications[layout.AID]  # its holder formats it
    made = shop.desk(card).issue(100)
    assert (made["issue"], made["number"], made["balance_fen"]) == (1, "000000000001", 100)
    assert value_fen(card) == 100
    assert shop.query("SELECT state FROM card_states ORDER BY id") == [("pending",), ("active",)]


def test_a_finished_card_of_another_life_is_refused(shop: Shop) -> None:
    card = shop.card(0)
    found = registered(shop, card)
    with shop.opened.database.write() as connection:
        registry.become(connection, found, "void", "operator:desk")
    with pytest.raises(NotPersonalisable, match="not the data of issue 2"):
        shop.desk(card).issue(0)
