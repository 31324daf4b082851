"""Who has no key changes nothing: each refusal by its code, every flipped bit, every cut."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import cbor, envelope, messages
from protocol.wire.envelope import EnvelopeError
from protocol.wire.mac import MAC_SIZE, hmac_sha256, kiosk_keys
from protocol.wire.messages import DOWN, UP

UP_KEY, DOWN_KEY, _ = kiosk_keys(bytes(range(32)))
BODY = messages.body(messages.WELCOME, nonce=bytes(8), epoch=3, now_s=1_800_000_000, hotlist=5, allowed=6)
HELLO = messages.body(
    messages.HELLO,
    nonce=bytes(8),
    firmware="1",
    epoch=1,
    counter=0,
    config=0,
    hotlist=0,
    pending=0,
    waiting=0,
    allowed=0,
)
MESSAGE = envelope.seal(DOWN_KEY, DOWN, "K1", (3, 7), messages.WELCOME, BODY)


def forge(parts: object, key: bytes = DOWN_KEY) -> bytes:
    """A message whose MAC is right, whatever its content."""
    head = parts if isinstance(parts, bytes) else cbor.encode(parts)
    return head + hmac_sha256(key, head)[:MAC_SIZE]


def code_of(message: bytes, key: bytes = DOWN_KEY, direction: int = DOWN, kiosk: str = "K1") -> str:
    with pytest.raises(EnvelopeError) as caught:
        envelope.open_(key, direction, kiosk, message)
    assert caught.value.code in envelope.CODES
    assert str(caught.value)
    return caught.value.code


NAMES = ["a", "z", "A", "Z", "0", "9", "-", "_", "K1", "x" * 32]
NO_NAMES: list[object] = [
    "",
    "x" * 33,
    "`",
    "{",
    "@",
    "[",
    "/",
    ":",
    "K.1",
    "K 1",
    "K1\n",
    "é",
    "前",
    b"K1",
    7,
    None,
    "X-X/",
]


def test_a_kiosk_name_is_safe_in_a_topic_a_file_and_a_log() -> None:
    assert all(envelope.is_kiosk_name(name) for name in NAMES)
    assert not any(envelope.is_kiosk_name(name) for name in NO_NAMES)
    allowed = [chr(n) for n in range(0x250) if envelope.is_kiosk_name(chr(n))]
    assert "".join(allowed) == "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def test_what_was_sealed_opens() -> None:
    assert envelope.open_(DOWN_KEY, DOWN, "K1", MESSAGE) == ((3, 7), messages.WELCOME, BODY)
    assert envelope.authentic(DOWN_KEY, MESSAGE)


def test_it_travels_as_the_document_says() -> None:
    head = cbor.encode([1, DOWN, "K1", 3, 7, messages.WELCOME, BODY])
    assert head + hmac_sha256(DOWN_KEY, head)[:16] == MESSAGE


@pytest.mark.parametrize("size", [0, 1, 15, 16, envelope.SIZE_MAX + 1])
def test_size(size: int) -> None:
    assert code_of(bytes(size)) == "size"


def test_the_largest_size_is_looked_at() -> None:
    assert code_of(forge(bytes(envelope.SIZE_MAX - MAC_SIZE))) == "shape"


def test_every_flipped_bit_is_a_wrong_mac() -> None:
    for at in range(len(MESSAGE) * 8):
        damaged = bytearray(MESSAGE)
        damaged[at // 8] ^= 1 << at % 8
        assert code_of(bytes(damaged)) == "mac"


def test_every_cut_is_refused() -> None:
    for size in range(len(MESSAGE)):
        assert code_of(MESSAGE[:size]) in ("size", "mac")
    assert code_of(MESSAGE + b"\x00") == "mac"


def test_the_key_of_another_kiosk_or_of_the_other_direction() -> None:
    other = kiosk_keys(bytes(32))[1]
    assert code_of(envelope.seal(other, DOWN, "K1", (3, 7), messages.WELCOME, BODY)) == "mac"
    assert code_of(MESSAGE, key=UP_KEY) == "mac"


def test_a_message_reflected_to_its_sender() -> None:
    hello = envelope.seal(UP_KEY, UP, "K1", (1, 0), messages.HELLO, HELLO)
    assert code_of(hello) == "mac"
    assert code_of(hello, key=UP_KEY) == "direction"  # even where one key served both


def test_a_message_of_another_kiosk_under_a_shared_key() -> None:
    assert code_of(MESSAGE, kiosk="K2") == "kiosk"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (b"\xff" * 20, "shape"),
        (cbor.encode([1]) + b"\x00", "shape"),
        ({}, "shape"),
        ([], "shape"),
        ([1, DOWN, "K1", 3, 7, 16], "shape"),
        ([1, DOWN, "K1", 3, 7, 16, BODY, 0], "shape"),
        ([1, DOWN, "K1", -1, 7, 16, BODY], "shape"),
        ([1, DOWN, "K1", 0x10000, 7, 16, BODY], "shape"),
        ([1, DOWN, "K1", 3, -1, 16, BODY], "shape"),
        ([1, DOWN, "K1", 3, 1 << 32, 16, BODY], "shape"),
        ([1, DOWN, "K1", "3", 7, 16, BODY], "shape"),
        ([1, DOWN, "K1", 3, 7, [16], BODY], "shape"),
        ([2, DOWN, "K1", 3, 7, 16, BODY], "version"),
        ([[1, 2], DOWN, "K1", 3, 7, 16, BODY], "version"),
        ([1, 7, "K1", 3, 7, 16, BODY], "direction"),
        ([1, DOWN, b"K1", 3, 7, 16, BODY], "kiosk"),
        ([1, DOWN, "K1", 3, 7, 999, BODY], "type"),
        ([1, DOWN, "K1", 3, 7, messages.HELLO, HELLO], "field"),  # a type of the other direction
        ([1, DOWN, "K1", 3, 7, 16, []], "field"),
        ([1, DOWN, "K1", 3, 7, 16, {**BODY, 2: 0}], "field"),
        ([1, DOWN, "K1", 3, 7, 16, {**BODY, 99: 0}], "field"),
    ],
)
def test_authentic_and_still_wrong(parts: object, code: str) -> None:
    assert code_of(forge(parts)) == code


def refusal(message: bytes, direction: int = DOWN) -> tuple[str, str, bool, object]:
    with pytest.raises(EnvelopeError) as caught:
        envelope.open_(DOWN_KEY, direction, "K1", message)
    error = caught.value
    return error.code, str(error), error.authentic, error.sequence


def test_a_refusal_says_what_was_wrong_and_whether_the_partner_made_it() -> None:
    assert refusal(bytes(16)) == ("size", "message of 16 bytes, at most 8192", False, None)
    assert refusal(bytes(17)) == (
        "mac",
        "MAC is wrong: not from this kiosk's partner, or damaged",
        False,
        None,
    )
    told: list[tuple[list[object], tuple[str, str], object]] = [
        ([1], ("shape", "an envelope has 7 parts"), None),
        ([2, DOWN, "K1", 3, 7, 16, BODY], ("version", "version 2, this program speaks 1"), None),
        (["\0", DOWN, "K1", 3, 7, 16, BODY], ("version", "version '\\x00', this program speaks 1"), None),
        ([1, UP, "K1", 3, 7, 16, BODY], ("direction", "message goes the other way"), None),
        ([1, DOWN, "K2", 3, 7, 16, BODY], ("kiosk", "message of another kiosk"), None),
        ([1, DOWN, "K1", -3, 7, 16, BODY], ("shape", "sequence or type out of range"), None),
        ([1, DOWN, "K1", 3, 7, 999, BODY], ("type", "unknown message type 999"), (3, 7)),
        ([1, DOWN, "K1", 3, 7, 16, []], ("field", "welcome: body is not a map"), (3, 7)),
        ([1, DOWN, "K1", 3, 7, 1, HELLO], ("field", "unknown message type 1"), (3, 7)),
    ]
    for parts, (code, sentence), sequence in told:
        assert refusal(forge(parts)) == (code, sentence, True, sequence)
    assert refusal(forge(b"\xff")) == (
        "shape",
        "not deterministic CBOR: indefinite length or reserved head",
        True,
        None,
    )


def test_an_amount_has_a_code_of_its_own() -> None:
    sale = {1: bytes(7), 2: 1, 3: 0, 4: 1, 5: bytes(8), 6: 0, 9: 0}
    message = forge([1, UP, "K1", 3, 7, messages.SALE, sale])
    assert refusal(message, UP) == ("amount", "sale: amount_fen must be uint, 1 to 500000", True, (3, 7))


def test_parts_are_opened_without_a_look_at_the_body() -> None:
    message = forge([1, DOWN, "K1", 0xFFFF, 2**32 - 1, messages.HELLO, [7]])
    assert envelope.parts(DOWN_KEY, DOWN, "K1", message) == ((0xFFFF, 2**32 - 1), messages.HELLO, [7])
    assert envelope.parts(DOWN_KEY, DOWN, "K1", forge([1, DOWN, "K1", 0, 0, 1, 0]))[0] == (0, 0)


@given(st.binary(max_size=120))
def test_authentic_garbage_raises_nothing_else(data: bytes) -> None:
    try:
        envelope.open_(DOWN_KEY, DOWN, "K1", forge(data))
    except EnvelopeError as error:
        assert error.code in envelope.CODES


@given(st.recursive(st.integers() | st.text(max_size=4) | st.binary(max_size=9), st.lists, max_leaves=8))
def test_authentic_values_of_any_shape_raise_nothing_else(part: Any) -> None:
    for at in range(7):
        parts: list[Any] = [1, DOWN, "K1", 3, 7, 16, BODY]
        parts[at] = part
        try:
            message = forge(parts)
        except cbor.CborError:
            return
        try:
            envelope.open_(DOWN_KEY, DOWN, "K1", message)
        except EnvelopeError as error:
            assert error.code in envelope.CODES


def test_seal_refuses_a_body_that_the_other_side_would_refuse() -> None:
    with pytest.raises(messages.MessageError, match="epoch"):
        envelope.seal(DOWN_KEY, DOWN, "K1", (3, 7), messages.WELCOME, {**BODY, 2: 0})
    with pytest.raises(messages.MessageError, match="unknown message type"):
        envelope.seal(DOWN_KEY, UP, "K1", (3, 7), messages.WELCOME, BODY)


@pytest.mark.parametrize("many", [1, 23, 24, 64])
def test_a_journal_made_of_parts_is_the_journal_made_whole(many: int) -> None:
    body = messages.body(
        messages.UNSETTLED, uid=bytes(7), issue=1, amount_fen=1, tmc=1, value_fen=0, happened_s=70_000
    )
    told = envelope.content(messages.UNSETTLED, UP, body)
    records = b"".join(envelope.record(n * 9, told) for n in range(1, many + 1))
    content = envelope.journal_content(many, records)
    whole = {1: [[n * 9, messages.UNSETTLED, body] for n in range(1, many + 1)]}
    message = envelope.seal(UP_KEY, UP, "K1", (3, 0), messages.JOURNAL, whole)
    assert envelope.seal_content(UP_KEY, UP, "K1", (3, 0), content) == message
    assert envelope.open_(UP_KEY, UP, "K1", message) == ((3, 0), messages.JOURNAL, whole)


@pytest.mark.parametrize("kind", messages.MESSAGES)
def test_the_fullest_message_of_each_type_fits(kind: int) -> None:
    _name, direction, rows = messages.MESSAGES[kind]
    settled = {row[0]: bytes(row[5]) if row[2] == "bytes" else row[5] for row in messages.MESSAGES[4][2]}
    widest: dict[str, Any] = {
        "records": [[2**32 - 1, messages.SETTLED, settled]] * 64,
        "ranges": [[2**31 + 2 * n, 2**31 + 2 * n] for n in range(64)],
        "verdicts": [[2**32 - 1, 3, -(2**53)]] * 64,
        "frames": [bytes(261)] * 8,
        "span": [1439, 1440],
        "spans": [[1439, 1440]] * 7,
        "prices": [["x" * 24, 500_000]] * 12,
        "moves": [[2**32 - 1, -(2**53)]] * 10,
    }
    body = {}
    for key, _field, what, _unit, _low, high, _required in rows:
        full: Any = high
        if what == "bytes":
            full = bytes(high)
        elif what == "text":
            full = "x" * high
        elif what == "uids":
            full = [bytes(10)] * high
        body[key] = widest.get(what, full)
    message = envelope.seal(DOWN_KEY, direction, "K" * 32, (0xFFFF, 2**32 - 1), kind, body)
    assert envelope.open_(DOWN_KEY, direction, "K" * 32, message)[2] == body


@pytest.mark.parametrize("name", ["K1", "a", "Z9-_", "x" * 32])
def test_kiosk_names(name: str) -> None:
    assert envelope.is_kiosk_name(name)


@pytest.mark.parametrize(
    "name", ["", "x" * 33, "K 1", "K/1", "K+", "#", "前台", "K1\n", "K.1", None, 7, b"K1"]
)
def test_no_kiosk_names(name: object) -> None:
    assert not envelope.is_kiosk_name(name)
