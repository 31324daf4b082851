"""The short way of opening a report is the long way, whatever bytes come."""

import hashlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from host.terminals.doubt.refusals import Refusal
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.intake import opening, pattern
from host.terminals.intake.opening import opened
from host.terminals.reported.report import Report
from protocol.wire import cbor, envelope, mac, messages
from protocol.wire.envelope import EnvelopeError
from protocol.wire.messages import SALE, SETTLED, U16, U32, UNSETTLED, UP

KIOSK = Kiosk(1, "K1", 1, *mac.kiosk_keys(bytes(32)))
UID = bytes.fromhex("04100000000080")
SAMPLE = {"uid": UID, "issue": 1, "amount_fen": 2500, "tmc": 70_000, "value_fen": 97_500, "order": 70_000}
SAMPLE |= {"happened_s": 1_780_000_000}
PAID = {"tmv": b"12345678", "ref_epoch": 1, "ref_counter": 9, "paid": 1}

Told = tuple[Any, ...] | str


def signed(head: bytes) -> bytes:
    """A message whose MAC is right, whatever its content."""
    return head + mac.hmac_sha256(KIOSK.up_key, head)[: mac.MAC_SIZE]


def encoded(kind: int, body: object, epoch: int = 1, counter: int = 70_000) -> bytes:
    return cbor.encode([envelope.VERSION, UP, "K1", epoch, counter, kind, body])


def told(report: Report) -> tuple[Any, ...]:
    return report.epoch, report.counter, report.kind, report.values, report.encoded, report.digest


def long_way(message: bytes) -> Told:
    """What protocol.wire makes of a message, or the code of its refusal."""
    try:
        (epoch, counter), kind, body = envelope.open_(KIOSK.up_key, UP, "K1", message)
    except EnvelopeError as error:
        return error.code
    if counter == 0 and kind in messages.REPORTS:
        return "counter"
    content = cbor.encode([kind, body])
    values = messages.fields(kind, body)
    return epoch, counter, kind, values, content, hashlib.sha256(content).digest()


def short_way(message: bytes) -> Told | None:
    reports = opening.at_once(KIOSK, message)
    if reports is None:
        return None
    assert len(reports) == 1 and reports[0].kiosk is KIOSK
    return told(reports[0])


def same_both_ways(message: bytes) -> bool:
    """Do both ways take it? They agree on every report, and on nothing else."""
    expected = long_way(message)
    if isinstance(expected, str) or expected[2] not in pattern.KINDS:
        assert short_way(message) is None
        return False
    assert short_way(message) == expected
    return True


def value_of(row: Any) -> st.SearchStrategy[Any]:
    """Of one field: mostly near its limits and the borders of a head, on both sides."""
    _key, _name, what, _unit, low, high, _required = row
    if what == "bytes":
        return st.binary(min_size=max(0, low - 1), max_size=high + 1)
    borders = {0, 23, 24, 255, 256, 65_535, 65_536, U32, low, high}
    near = sorted({border + step for border in borders for step in (-1, 0, 1)})
    return st.sampled_from(near) | st.integers(low, high)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[int, dict[int, Any]]:
    kind = draw(st.sampled_from(pattern.KINDS))
    body = {}
    for row in messages.MESSAGES[kind][2]:
        if row[6] or draw(st.booleans()):
            body[row[0]] = draw(value_of(row))
    return kind, body


NUMBERS = st.sampled_from([0, 1, 23, 24, 255, 256, U16, U16 + 1, U32, U32 + 1])


@given(bodies(), NUMBERS, NUMBERS)
def test_any_values_in_and_out_of_their_limits(content: tuple[int, Any], epoch: int, counter: int) -> None:
    same_both_ways(signed(encoded(*content, epoch, counter)))


def good(kind: int, **changed: Any) -> dict[int, Any]:
    named = SAMPLE | PAID
    return messages.body(kind, **{row[1]: named[row[1]] for row in messages.MESSAGES[kind][2]} | changed)


UNPROVEN = {key: value for key, value in good(SETTLED).items() if key != 5}
GOOD = [encoded(kind, good(kind)) for kind in pattern.KINDS] + [encoded(SETTLED, UNPROVEN)]


@pytest.mark.parametrize("head", GOOD)
def test_a_report_as_it_should_be_goes_the_short_way(head: bytes) -> None:
    assert same_both_ways(signed(head))


@given(st.sampled_from(GOOD), st.lists(st.tuples(st.integers(0, 99), st.integers(0, 255)), max_size=3))
@example(GOOD[0], [])
def test_changed_bytes(head: bytes, changes: list[tuple[int, int]]) -> None:
    data = bytearray(head)
    for at, value in changes:
        data[at % len(data)] = value
    same_both_ways(signed(bytes(data)))


@given(st.sampled_from(GOOD), st.integers(0, 99), st.binary(max_size=3), st.integers(0, 3))
def test_bytes_put_in_and_cut_out(head: bytes, at: int, put: bytes, cut: int) -> None:
    at %= len(head) + 1
    same_both_ways(signed(head[:at] + put + head[at + cut :]))


@pytest.mark.parametrize("head", GOOD)
def test_every_byte_in_turn_takes_every_value(head: bytes) -> None:
    taken = 0
    for at in range(len(head)):
        for value in range(256):
            taken += same_both_ways(signed(head[:at] + bytes([value]) + head[at + 1 :]))
    assert taken > 256, "other numbers are other reports"


def item(n: int, width: int) -> bytes:
    """A number in a head of 1, 2, 4 or 8 bytes, needed or not."""
    return bytes([{1: 24, 2: 25, 4: 26, 8: 27}[width]]) + n.to_bytes(width, "big")


@pytest.mark.parametrize("width", [1, 2, 4, 8])
@pytest.mark.parametrize("n", [0, 1, 23, 24, 255, 256, 2500])
def test_a_head_is_as_short_as_can_be(n: int, width: int) -> None:
    if n >> (8 * width):
        return
    for name, key in (("issue", 2), ("tmc", 4), ("happened_s", 9)):
        body = good(UNSETTLED, **{name: n})
        whole = encoded(UNSETTLED, body)
        canonical = cbor.encode(key) + cbor.encode(n)
        assert whole.count(canonical) == 1
        wide = whole.replace(canonical, cbor.encode(key) + item(n, width))
        assert same_both_ways(signed(wide)) == (wide == whole)


def test_keys_rise() -> None:
    for kind in pattern.KINDS:
        body = good(kind)
        parts = [cbor.encode(key) + cbor.encode(value) for key, value in body.items()]
        head = encoded(kind, body)[: -sum(map(len, parts))]
        assert same_both_ways(signed(head + b"".join(parts)))
        for at in range(1, len(parts)):
            swapped = [*parts[: at - 1], parts[at], parts[at - 1], *parts[at + 1 :]]
            assert not same_both_ways(signed(head + b"".join(swapped)))
            twice = [*parts[: at - 1], parts[at], *parts[at:]]
            assert not same_both_ways(signed(head + b"".join(twice)))


def test_a_field_too_many_or_missing() -> None:
    for kind in pattern.KINDS:
        for key in range(12):
            body = good(kind)
            if body.pop(key, None) is None:
                body[key] = 1
            same_both_ways(signed(encoded(kind, body)))


def journal(*records: Any, epoch: int = 3) -> bytes:
    return signed(encoded(messages.JOURNAL, {1: list(records)}, epoch, 0))


def same_journal_both_ways(message: bytes) -> int:
    """How many records both ways take: the same, each as if it had come alone; none if it is refused."""
    expected, short = long_way(message), opening.at_once(KIOSK, message)
    if isinstance(expected, str) or expected[2] != messages.JOURNAL:
        assert short is None or expected[2] in pattern.KINDS
        return 0
    assert short is not None
    alone = [
        long_way(signed(encoded(kind, body, expected[0], counter)))
        for counter, kind, body in expected[3]["records"]
    ]
    assert [told(report) for report in short] == alone
    assert [told(report) for report in opening._long_way(KIOSK, message)] == alone
    return len(short)


RECORDS = st.lists(st.tuples(NUMBERS, bodies()), max_size=4)


@given(RECORDS, NUMBERS)
def test_any_records_of_a_journal(found: list[tuple[int, tuple[int, Any]]], epoch: int) -> None:
    records = [[counter, *content] for counter, content in found]
    same_journal_both_ways(journal(*records, epoch=epoch))


MIXED = [[1, SALE, good(SALE)], [70_000, SETTLED, good(SETTLED)], [3, SETTLED, UNPROVEN]]
MIXED += [[24, UNSETTLED, good(UNSETTLED)]]


@pytest.mark.parametrize("many", [0, 1, 23, 24, 64, 65])
def test_from_one_record_to_the_most_that_the_table_allows(many: int) -> None:
    records = [[n + 1, *MIXED[n % 4][1:]] for n in range(many)]
    assert same_journal_both_ways(journal(*records)) == (many if 1 <= many <= 64 else 0)


def test_every_byte_of_a_journal_in_turn() -> None:
    head = journal(*MIXED)[: -mac.MAC_SIZE]
    taken = 0
    for at in range(len(head)):
        for value in {head[at] ^ 1 << bit for bit in range(8)} | {0, 0x17, 0x18, 0x83, 0xFF}:
            taken += same_journal_both_ways(signed(head[:at] + bytes([value]) + head[at + 1 :]))
    assert taken > 256


@given(st.integers(0, 999), st.binary(max_size=3), st.integers(0, 3))
def test_bytes_put_into_a_journal_and_cut_out(at: int, put: bytes, cut: int) -> None:
    head = journal(*MIXED)[: -mac.MAC_SIZE]
    at %= len(head) + 1
    same_journal_both_ways(signed(head[:at] + put + head[at + cut :]))


def refusals(payload: bytes) -> list[tuple[int, int, int, str]]:
    """(epoch, counter, kind, code) of each Refusal in a message."""
    found = [report for report in opened(KIOSK, payload) if isinstance(report, Refusal)]
    return [(refusal.epoch, refusal.counter, refusal.kind, refusal.code) for refusal in found]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ([9, SALE, {**good(SALE), 3: 0}], (3, 9, SALE, "amount")),
        ([9, SALE, {**good(SALE), 99: 0}], (3, 9, SALE, "field")),
        ([9, SETTLED, []], (3, 9, SETTLED, "field")),
        ([0, SALE, good(SALE)], (3, 0, 0, "counter")),
        ([9, messages.APPLIED, {1: bytes(8), 5: 0, 6: 0}], (3, 9, 0, "type")),
        ([9, messages.JOURNAL, {1: []}], (3, 9, 0, "type")),
        ([9, 999, {}], (3, 9, 0, "type")),
    ],
)
def test_a_bad_record_of_a_journal_is_refused_by_itself(record: list[Any], expected: Any) -> None:
    for records in ([record], [*MIXED, record], [record, *MIXED]):
        message = journal(*records)
        assert refusals(message) == [expected]
        rest = [told(report) for report in opened(KIOSK, message) if not isinstance(report, Refusal)]
        assert rest == (
            [] if len(records) == 1 else [told(report) for report in opened(KIOSK, journal(*MIXED))]
        )


@pytest.mark.parametrize(
    "records",
    [
        [],
        [[1, SALE]],
        [7],
        [["1", SALE, {}]],
        [[1, [], {}]],
        [[1 << 32, SALE, {}]],
        [[1, 1 << 16, {}]],
        [[-1, SALE, {}]],
    ],
)
def test_what_has_not_the_form_of_a_journal_is_refused_whole(records: list[Any]) -> None:
    for held in (records, [*MIXED, *records] if records else MIXED * 17):
        assert refusals(journal(*held)) == [(3, 0, 0, "field")]
        assert len(opened(KIOSK, journal(*held))) == 1
    for body in ([], {}, {1: 7}, {1: MIXED, 2: 0}, {2: MIXED}):
        assert refusals(signed(encoded(messages.JOURNAL, body, 3, 0))) == [(3, 0, 0, "field")]


def test_what_does_not_authenticate_gets_its_code() -> None:
    message = signed(GOOD[0])
    cases = [(message[:-1] + bytes([message[-1] ^ 1]), "mac"), (message[:40], "mac"), (message[:16], "size")]
    for payload, code in [*cases, (b"", "size"), (message + bytes(envelope.SIZE_MAX), "size")]:
        with pytest.raises(EnvelopeError) as caught:
            opened(KIOSK, payload)
        assert caught.value.code == code and not caught.value.authentic


def test_what_is_no_report_is_opened_too() -> None:
    numbers = {"counter": 0, "config": 3, "hotlist": 4, "waiting": 0, "allowed": 0}
    body = messages.body(messages.APPLIED, nonce=bytes(8), **numbers)
    message = signed(encoded(messages.APPLIED, body, counter=0))
    assert not same_both_ways(message)
    (found,) = opened(KIOSK, message)
    assert told(found) == long_way(message)
    assert found.values == {"nonce": bytes(8)} | numbers
    assert found.name == "K1 1.0"
