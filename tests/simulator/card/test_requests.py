"""Every command in every way of messaging, good and spoilt: what is refused leaves the card as it was."""

from collections.abc import Iterator

import pytest

from simulator.card import DesfireCard, card_from_state
from simulator.card.commands import HANDLERS
from tests.simulator.card.reader_side import Reader
from tests.simulator.card.requests import REQUESTS, Request
from tests.simulator.card.rich import COMM_CODES, WAYS, reader_of, rich_card

# Not in the table, as they have tests of their own: selection, the five authentications, keys, TransactionMAC
# file, and the second names of commands that are there.
ELSEWHERE = {0x5A, 0x0A, 0x1A, 0xAA, 0x71, 0x77, 0xC4, 0xCE, 0xAB, 0x8B}
CASES = [
    pytest.param(request, way, id=f"{request}-{way}")
    for request in REQUESTS
    for way in WAYS
    if way in request.only
]


def started(request: Request, way: str, comm: str = "full") -> tuple[DesfireCard, Reader]:
    """A card in whose session the request comes next."""
    comm = comm if way != "plain" else "plain"
    card = rich_card(way, comm)
    reader = reader_of(card, way, request.level)
    if request.after is not None:
        first = request.after
        mode = comm if first.mode == "file" else first.mode
        reader.ask(first.cmd, first.header, first.data, mode)
    return card, reader


def sent(card: DesfireCard, request: Request, body: bytes) -> int:
    """The status with which it ends; a write that was cut short waits for more and is left."""
    answer = card.exchange(bytes([request.cmd]) + body)
    assert answer is not None
    return answer[0]


def spoilt(body: bytes) -> Iterator[bytes]:
    """One bit of each byte changed in turn."""
    for at in range(len(body)):
        yield body[:at] + bytes([body[at] ^ 1 << at % 8]) + body[at + 1 :]


def test_the_table_has_every_command() -> None:
    assert {request.cmd for request in REQUESTS} | ELSEWHERE == set(HANDLERS)


@pytest.mark.parametrize("comm", COMM_CODES)
@pytest.mark.parametrize(("request_", "way"), CASES)
def test_a_good_request_is_served(request_: Request, way: str, comm: str) -> None:
    card, reader = started(request_, way, comm)
    before = card.dump()
    comm = comm if way != "plain" else "plain"
    status, answer = reader.whole(request_.cmd, request_.built(reader, comm))
    assert status == 0
    mode = request_.mode if request_.cmd != 0x51 else "full"
    mode = comm if mode == "file" else mode
    if not request_.answer_bytes and mode == "full":
        mode = "command"
    data = reader.open(answer, mode, request_.answer_bytes)
    assert len(data) == request_.answer_bytes
    assert (card.dump() != before) == request_.changes
    assert card_from_state(card.dump()).dump() == card.dump()


@pytest.mark.parametrize(("request_", "way"), CASES)
def test_one_that_is_cut_short_or_too_long_is_refused(request_: Request, way: str) -> None:
    card, reader = started(request_, way)
    whole = request_.built(reader, "full" if way != "plain" else "plain")
    for body in (*(whole[:size] for size in range(len(whole))), whole + b"\x55"):
        card, _ = started(request_, way)
        before = card.dump()
        assert sent(card, request_, body) not in (0x00, 0xCA), body.hex()
        assert card.dump() == before


@pytest.mark.parametrize("comm", ["mac", "full"])
@pytest.mark.parametrize(("request_", "way"), CASES)
def test_one_whose_security_is_spoilt_is_refused(request_: Request, way: str, comm: str) -> None:
    card, reader = started(request_, way, comm)
    whole = request_.built(reader, comm if way != "plain" else "plain")
    security = whole[len(request_.header) :]
    if way == "plain" or security == request_.data:
        return  # nothing secures it
    for body in spoilt(security):
        card, _ = started(request_, way, comm)
        before = card.dump()
        assert sent(card, request_, request_.header + body) == 0x1E
        assert card.dump() == before


@pytest.mark.parametrize(("request_", "way"), CASES)
def test_one_that_was_heard_before_is_refused(request_: Request, way: str) -> None:
    """Played back in a session of its own, with new random numbers."""
    card, reader = started(request_, way)
    whole = request_.built(reader, "full" if way != "plain" else "plain")
    if way == "plain" or whole == request_.header + request_.data:
        return
    assert sent(card, request_, whole) in (0x00, 0xAF)
    fresh, _ = started(request_, way)
    fresh.chip.rng.seed(99)
    reader_of(fresh, way, request_.level)
    before = fresh.dump()
    assert sent(fresh, request_, whole) != 0x00
    assert fresh.dump() == before


@pytest.mark.parametrize("way", [way for way in WAYS if way != "plain"])
@pytest.mark.parametrize("request_", [r for r in REQUESTS if r.mode == "file"], ids=str)
def test_without_a_session_a_file_of_a_key_stays_closed(request_: Request, way: str) -> None:
    card = rich_card(way)
    assert card.exchange(b"\x5a\x11\x22\x33") == b"\x00"
    before = card.dump()
    assert sent(card, request_, request_.header + request_.data) == 0xAE
    assert card.dump() == before


@pytest.mark.parametrize("request_", [r for r in REQUESTS if r.level == "application"], ids=str)
def test_the_card_level_has_no_files(request_: Request) -> None:
    card = rich_card("plain")
    before = card.dump()
    assert sent(card, request_, request_.header + request_.data) == 0x9D
    assert card.dump() == before
