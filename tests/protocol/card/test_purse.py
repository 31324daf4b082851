"""The purse's procedures against a virtual card, and against answers that are cut or touched."""

from collections.abc import Callable

import pytest

from protocol.card import apdu, layout, purse, tmac
from protocol.card.apdu import CardError
from protocol.card.purse import NotOurs, Purse
from simulator.card import DesfireCard, status
from tests.simulator.card.terminal import KEYS, TMAC_KEY, UID, Terminal, blank_card, purse_card, span

READ_KEY, DEBIT_KEY = KEYS[layout.KEY_READ], KEYS[layout.KEY_DEBIT]
RND_A = bytes(range(16))
ISSUE = 3
Answer = Callable[[bytes, bytes], bytes]


class Gone(Exception):
    """What a reader raises when the card does not answer."""


class Reader:
    """A card in the field; `spoil` may change an answer, given the command."""

    def __init__(self, card: DesfireCard, spoil: Answer | None = None) -> None:
        self.card, self.spoil = card, spoil
        self.sent: list[int] = []
        card.enter_field()

    def __call__(self, command: bytes) -> bytes:
        self.sent.append(command[1])
        answer = self.card.exchange(command)
        if answer is None:
            raise Gone
        self.card.delivered()
        return self.spoil(command, answer) if self.spoil else answer

    def open(self, key: bytes = DEBIT_KEY) -> Purse:
        return apdu.run(purse.open_purse(UID, key, RND_A), self)

    def pay(self, opened: Purse, amount_fen: int, record: bytes) -> tuple[int, bytes]:
        apdu.run(purse.debit(opened, amount_fen, record), self)
        return apdu.run(purse.commit(opened.session), self)

    def log(self) -> list[bytes]:
        return apdu.run(purse.read_log(READ_KEY, RND_A), self)

    def value_fen(self) -> int | None:
        return self.card.value_fen(layout.AID, layout.FILE_VALUE)


def loaded(value_fen: int = 10_000) -> DesfireCard:
    """A purse card of ours, with card data of issue 3, not in a field."""
    card = purse_card(value_fen, rights=layout.RIGHTS)
    terminal = Terminal(card.exchange)
    terminal.open_purse(layout.KEY_MASTER)
    data = layout.card_data(bytes(16), UID, ISSUE, "42")
    terminal.secure(0x8D, bytes([layout.FILE_DATA]) + span(0, len(data)), data)
    card.leave_field()
    return card


def record(counter: int = 9, amount_fen: int = 2500, value_fen: int = 7500) -> bytes:
    return layout.log_record(1, 2, counter, amount_fen, value_fen, 1_800_000_000)


def test_a_sale_from_open_to_log() -> None:
    reader = Reader(loaded())
    opened = reader.open()
    assert (opened.uid, opened.issue, opened.tmc, opened.value_fen) == (UID, ISSUE, 1, 10_000)
    tmc, tmv = reader.pay(opened, 2500, record())
    assert (tmc, reader.value_fen()) == (2, 7500)
    tmi = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, 10_000, 2500, record())
    assert tmv == tmac.tmv(TMAC_KEY, UID, tmc, tmi)
    again = reader.open()
    assert (again.tmc, again.tmv, again.value_fen) == (2, tmv, 7500)
    assert reader.log() == [record()]


def test_the_kiosk_sends_what_the_design_says_and_no_more() -> None:
    reader = Reader(loaded())
    reader.pay(reader.open(), 2500, record())
    assert bytes(reader.sent).hex(" ") == "5a 71 af ad ad 6c dc 8b c7"


def test_before_the_commit_nothing_has_happened() -> None:
    reader = Reader(loaded())
    opened = reader.open()
    apdu.run(purse.debit(opened, 2500, record()), reader)
    reader.card.activate()
    assert reader.value_fen() == 10_000
    assert reader.open().tmc == 1
    assert reader.log() == []


def test_the_log_keeps_the_last_ten_oldest_first() -> None:
    reader = Reader(loaded())
    records = []
    for counter in range(1, 14):
        opened = reader.open()
        records.append(record(counter, 100, opened.value_fen - 100))
        reader.pay(opened, 100, records[-1])
    assert reader.log() == records[-10:]


def test_more_than_the_card_holds_is_refused_with_a_status() -> None:
    reader = Reader(loaded(2000))
    with pytest.raises(CardError, match="command DC") as caught:
        reader.pay(reader.open(), 2001, record())
    assert caught.value.status == apdu.BOUNDARY_ERROR
    assert reader.value_fen() == 2000


def test_the_debit_key_cannot_credit() -> None:
    reader = Reader(loaded())
    session = reader.open().session
    credit = session.exchange(tmac.CREDIT, b"\x02", bytes(4), layout.COMM_FULL, layout.COMM_MAC)
    with pytest.raises(CardError) as caught:
        apdu.run(credit, reader)
    assert caught.value.status in (status.PERMISSION_DENIED, apdu.AUTHENTICATION_ERROR)


def test_a_card_without_our_application_and_one_with_other_keys() -> None:
    with pytest.raises(NotOurs, match="A0"):
        Reader(blank_card()).open()
    reader = Reader(loaded())
    with pytest.raises(NotOurs, match="AE"):
        reader.open(bytes(16))
    with pytest.raises(NotOurs, match="AE"):
        apdu.run(purse.read_log(bytes(16), RND_A), reader)
    assert reader.open().value_fen == 10_000  # the card is as good as before


def test_card_data_of_another_format() -> None:
    card = purse_card(100, rights=layout.RIGHTS)  # its data file holds 00 01 02 ..
    with pytest.raises(CardError, match="not of a format"):
        Reader(card).open()


def only(ins: int, change: Callable[[bytes], bytes]) -> Answer:
    """Change the answers to one command."""
    return lambda command, answer: change(answer) if command[1] == ins else answer


SALE = {"card data": 0xAD, "value": 0x6C, "debit": 0xDC, "record": 0x8B, "commit": 0xC7}
CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda answer: answer[:-3] + answer[-2:],
    "empty": lambda answer: answer[-2:],
    "no status": lambda answer: b"",
    "flipped": lambda answer: bytes([answer[0] ^ 1]) + answer[1:],
    "endless": lambda answer: answer[:-1] + b"\xaf",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("ins", SALE.values(), ids=SALE.keys())
def test_a_touched_answer_is_an_error_without_a_status(ins: int, change: str) -> None:
    """Without a status means: the outcome is unknown. Only the commit can have taken money."""
    reader = Reader(loaded(), only(ins, CHANGES[change]))
    with pytest.raises(CardError) as caught:
        reader.pay(reader.open(), 2500, record())
    assert caught.value.status is None
    assert reader.value_fen() == (7500 if ins == 0xC7 else 10_000)


@pytest.mark.parametrize(
    ("ins", "change"),
    [
        *((ins, change) for ins in (0x71, 0xAF) for change in ("cut", "empty", "no status", "flipped")),
        (0xAF, "endless"),
        (0x5A, "no status"),
        (0x5A, "flipped"),
    ],
)
def test_a_touched_authentication_is_a_card_that_is_not_ours(ins: int, change: str) -> None:
    with pytest.raises(NotOurs):
        Reader(loaded(), only(ins, CHANGES[change])).open()


@pytest.mark.parametrize(("point", "value_fen"), [("debit", 10_000), ("commit-sent", 7500)])
def test_a_card_that_leaves(point: str, value_fen: int) -> None:
    card = loaded()
    reader = Reader(card)
    card.arm_pull(point)
    with pytest.raises(Gone):
        reader.pay(reader.open(), 2500, record())
    again = Reader(card)
    assert again.open().value_fen == value_fen
    assert again.log() == ([record()] if value_fen == 7500 else [])


class Script:
    """Plays canned plain answers through a session that trusts them: lengths a card of ours never sends."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)

    def exchange(self, *_args: object, **_kwargs: object):  # type: ignore[no-untyped-def]
        """Procedure: the next canned answer."""
        yield b""
        return self.answers.pop(0)


def test_answers_of_a_length_our_files_do_not_have() -> None:
    with pytest.raises(CardError, match="file 1 has 31 bytes, expected 32"):
        apdu.run(purse.read_file(Script(bytes(31)), 1, 32), lambda _: b"")  # type: ignore[arg-type]
    with pytest.raises(CardError, match="commit returned 11 bytes, expected 12"):
        apdu.run(purse.commit(Script(bytes(11))), lambda _: b"")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((layout.card_data(bytes(16), UID, 1, "42"), bytes(12), bytes(3)), "value of 3 bytes"),
        ((layout.card_data(bytes(16), UID, 1, "42"), bytes(11), bytes(4)), "file 15 has 11 bytes"),
        ((bytes(32), bytes(12), bytes(4)), "not of a format"),
    ],
)
def test_a_purse_with_files_of_another_size(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[bytes, ...], reason: str
) -> None:
    def trusting(*_args: object):  # type: ignore[no-untyped-def]
        yield b""
        return Script(*answers)

    monkeypatch.setattr(purse, "authenticate", trusting)
    with pytest.raises(CardError, match=reason):
        apdu.run(purse.open_purse(UID, DEBIT_KEY, RND_A), lambda _: b"")


def test_a_log_that_is_no_multiple_of_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def trusting(*_args: object):  # type: ignore[no-untyped-def]
        yield b""
        return Script(bytes(25))

    monkeypatch.setattr(purse, "authenticate", trusting)
    with pytest.raises(CardError, match="25 bytes is no multiple of 24"):
        apdu.run(purse.read_log(READ_KEY, RND_A), lambda _: b"")
