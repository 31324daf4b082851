"""Every field of every message at its limits; the table itself is well formed."""

from collections.abc import Iterator
from typing import Any

import pytest

from protocol.wire import cbor, kinds, messages, resend
from protocol.wire.messages import DOWN, MESSAGES, UP, MessageError

Body = dict[int, Any]


def sample(what: str, size: int) -> Any:
    """A value of this kind whose number, length or item count is `size`."""
    if what in ("uint", "int"):
        return size
    if what == "bytes":
        return bytes(size)
    if what == "text":
        return "x" * size
    if what == "ranges":
        return [[3 * n + 1, 3 * n + 2] for n in range(size)]
    if what == "verdicts":
        return [[n + 1, 0, -5] for n in range(size)]
    if what == "records":
        return [[n + 1, messages.UNSETTLED, filled(messages.UNSETTLED)] for n in range(size)]
    if what == "frames":
        return [bytes([0x91, n]) for n in range(size)]
    if what == "span":
        return [60 * (n + 1) for n in range(size)]
    if what == "spans":
        return [[60 * n, 60 * n + 30] for n in range(size)]
    if what == "prices":
        return [[f"{n}", n + 1] for n in range(size)]
    if what == "moves":
        return [[n, -n] for n in range(size)]
    assert what == "uids"
    return [bytes([n & 255, n >> 8, 0, 4]) for n in range(size)]


def filled(kind: int, highest: bool = False) -> Body:
    """A good body, all fields at their lowest or highest limit."""
    return {row[0]: sample(row[2], row[5] if highest else row[4]) for row in MESSAGES[kind][2]}


def rows() -> Iterator[Any]:
    for kind, (name, _direction, fields) in MESSAGES.items():
        for row in fields:
            yield pytest.param(kind, row, id=f"{name}.{row[1]}")


ROWS = list(rows())


def refusal(kind: int, body: object) -> str:
    with pytest.raises(MessageError) as caught:
        messages.check(kind, MESSAGES[kind][1], body)
    return str(caught.value)


@pytest.mark.parametrize("kind", MESSAGES)
@pytest.mark.parametrize("highest", [False, True])
def test_all_fields_at_a_limit_pass_and_survive_the_codec(kind: int, highest: bool) -> None:
    body = filled(kind, highest)
    messages.check(kind, MESSAGES[kind][1], body)
    assert cbor.decode(cbor.encode(body)) == body


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_a_field_past_its_limits_is_refused_by_name(kind: int, row: Any) -> None:
    key, name, what, _unit, low, high, _required = row
    body = filled(kind)
    wrong = [sample(what, high + 1)]
    if low > 0 or what in ("uint", "int"):
        wrong.append(sample(what, low - 1))
    for value in wrong:
        body[key] = value
        assert f"{MESSAGES[kind][0]}: {name} must be" in refusal(kind, body)


NUMBER_NOT: list[Any] = [True, None, 1.0, b"\x01", "1", [], {}]
LIST_NOT: list[Any] = [True, None, 1, b"", "", {}, (), [1], [None], [[]]]
KIND_NOT: dict[str, list[Any]] = {
    "uint": NUMBER_NOT,
    "int": NUMBER_NOT,
    "bytes": [True, None, 8, "x" * 8, [0] * 8, {}],
    "text": [True, None, 2, b"zh", ["z", "h"], {}],
    "ranges": LIST_NOT,
    "verdicts": LIST_NOT,
    "uids": LIST_NOT,
    "moves": LIST_NOT,
    "frames": LIST_NOT,
    "records": LIST_NOT,
    "span": LIST_NOT,
    "spans": LIST_NOT,
    "prices": LIST_NOT,
}


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_a_field_of_another_kind_is_refused(kind: int, row: Any) -> None:
    for value in KIND_NOT[row[2]]:
        assert f": {row[1]} must be" in refusal(kind, {**filled(kind), row[0]: value})


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_a_missing_field(kind: int, row: Any) -> None:
    body = filled(kind)
    del body[row[0]]
    if row[6]:
        assert refusal(kind, body) == f"{MESSAGES[kind][0]}: {row[1]} is missing"
    else:
        messages.check(kind, MESSAGES[kind][1], body)


@pytest.mark.parametrize("kind", MESSAGES)
def test_an_unknown_field_a_body_that_is_no_map_and_the_other_direction(kind: int) -> None:
    name = MESSAGES[kind][0]
    unknown = {**filled(kind), 99: 1}
    if kind == messages.CONFIG:
        messages.check(kind, DOWN, unknown)
        assert messages.fields(kind, unknown) == messages.fields(kind, filled(kind))
    else:
        assert refusal(kind, unknown) == f"{name}: has a field the table does not know"
    assert "not a map" in refusal(kind, [1])
    with pytest.raises(MessageError, match="unknown message type"):
        messages.check(kind, 1 - MESSAGES[kind][1], filled(kind))


@pytest.mark.parametrize("direction", [UP, DOWN])
def test_an_unknown_type(direction: int) -> None:
    with pytest.raises(MessageError, match="unknown message type 999"):
        messages.check(999, direction, {})


@pytest.mark.parametrize(
    "ranges",
    [
        [[2, 1]],
        [[0, 1]],
        [[1, 2], [2, 3]],
        [[4, 5], [1, 2]],
        [[1]],
        [[1, 2, 3]],
        [[1, "2"]],
        [[True, 2]],
        [1, 2],
        [[1, kinds.U32 + 1]],
    ],
)
def test_ranges_rise_and_do_not_overlap(ranges: object) -> None:
    assert "ranges must be" in refusal(messages.ACK, {**filled(messages.ACK), 4: ranges})


@pytest.mark.parametrize(
    "verdicts",
    [
        [[0, 0, 0]],
        [[1, 5, 0]],
        [[1, -1, 0]],
        [[1, 0]],
        [[1, 0, 0, 0]],
        [[1, 0, "0"]],
        [[1, 0, 2**53 + 1]],
        [[1, 0, -(2**53) - 1]],
        [7],
    ],
)
def test_verdicts_are_counter_code_balance(verdicts: object) -> None:
    assert "verdicts must be" in refusal(messages.ACK, {**filled(messages.ACK), 5: verdicts})


def test_a_balance_may_be_as_far_from_zero_as_a_float_can_count() -> None:
    verdicts = [[1, 0, 2**53], [2**32 - 1, 4, -(2**53)]]
    messages.check(messages.ACK, DOWN, {**filled(messages.ACK), 5: verdicts})


@pytest.mark.parametrize(
    ("amount_fen", "code"), [(0, "amount"), (-1, "amount"), (500_001, "amount"), ("1", "field")]
)
def test_an_amount_out_of_its_limits_has_a_code_of_its_own(amount_fen: object, code: str) -> None:
    for kind in messages.REPORTS:
        if kind == resend.ABSENT:  # it tells of no money
            continue
        with pytest.raises(MessageError, match="amount_fen must be uint, 1 to 500000") as caught:
            messages.check(kind, UP, {**filled(kind), 3: amount_fen})
        assert caught.value.code == code
    config = {**filled(messages.CONFIG), 3: 0}
    with pytest.raises(MessageError, match="price_fen must be uint, 1 to 500000") as caught:
        messages.check(messages.CONFIG, DOWN, config)
    assert caught.value.code == "field"


@pytest.mark.parametrize("uids", [[b"abc"], [bytes(11)], ["abcd"], [[1]]])
def test_a_hotlist_holds_uids_of_4_to_10_bytes(uids: object) -> None:
    assert "uids must be" in refusal(messages.HOTLIST, {**filled(messages.HOTLIST), 3: uids})


@pytest.mark.parametrize(
    "span", [[0, 1441], [-1, 60], [60], [60, 60], [0, 1440], [60, 90, 120], ["60", 90], [True, 90], [None, 1]]
)
def test_quiet_is_one_span_of_a_day(span: object) -> None:
    assert "quiet must be" in refusal(messages.CONFIG, {**filled(messages.CONFIG), 16: span})
    assert "hours must be" in refusal(messages.CONFIG, {**filled(messages.CONFIG), 17: [[60, 90], span]})


def test_spans_may_go_over_midnight() -> None:
    for span in ([1320, 480], [0, 1439], [600, 1440]):
        body = {**filled(messages.CONFIG), 16: span, 17: [span]}
        messages.check(messages.CONFIG, DOWN, body)
    assert "hours must be" in refusal(messages.CONFIG, {**filled(messages.CONFIG), 17: [[]]})


@pytest.mark.parametrize(
    "price",
    [["", 1], ["x" * 25, 1], ["x", 0], ["x", 500_001], ["x"], ["x", 1, 2], [1, "x"], ["a\n", 1], "x1"],
)
def test_prices_are_labels_and_amounts(price: object) -> None:
    assert "prices must be" in refusal(messages.CONFIG, {**filled(messages.CONFIG), 14: [["x", 1], price]})


def journal_of(*records: Any) -> Body:
    return {1: list(records)}


def test_a_journal_takes_what_each_record_would_be_alone() -> None:
    for kind in messages.REPORTS:
        for highest in (False, True):
            messages.check(messages.JOURNAL, UP, journal_of([1, kind, filled(kind, highest)]))
        for row in MESSAGES[kind][2]:
            broken = {**filled(kind), row[0]: None}
            expected = refusal(kind, broken)
            assert (
                refusal(messages.JOURNAL, journal_of([1, kind, filled(kind)], [2, kind, broken])) == expected
            )


@pytest.mark.parametrize(
    "record",
    [
        [0, 3],
        [kinds.U32 + 1, 3],
        [True, 3],
        ["1", 3],
        [1, messages.HELLO],
        [1, messages.JOURNAL],
        [1, messages.WELCOME],
        [1, [3]],
        [1, "3"],
    ],
)
def test_a_record_is_counter_report_body(record: list[Any]) -> None:
    good = filled(messages.UNSETTLED)
    for wrong in ([*record, good], [1, 3], [1, 3, good, 0], 7):
        assert "records must be" in refusal(messages.JOURNAL, journal_of([1, 3, good], wrong))


def test_text_is_measured_in_bytes_and_half_a_surrogate_pair_is_none() -> None:
    hello = filled(messages.HELLO)
    hello[2] = "水" * 11
    assert "firmware must be" in refusal(messages.HELLO, hello)
    hello[2] = "\ud800"
    assert "firmware must be" in refusal(messages.HELLO, hello)


@pytest.mark.parametrize("kind", MESSAGES)
def test_names_and_keys_are_two_views_of_one_body(kind: int) -> None:
    body = filled(kind)
    assert messages.body(kind, **messages.fields(kind, body)) == body


def test_body_refuses_what_check_refuses_and_names_it_does_not_know() -> None:
    good = messages.fields(messages.WELCOME, filled(messages.WELCOME))
    with pytest.raises(MessageError, match=r"^no such field: colour, shape$"):
        messages.body(messages.WELCOME, **good, colour=1, shape=2)
    with pytest.raises(MessageError, match="epoch must be"):
        messages.body(messages.WELCOME, **{**good, "epoch": 0})


KINDS = {"uint", "int", "bytes", "text", "span"}
KINDS |= {"ranges", "verdicts", "prices", "moves", "uids", "frames", "spans", "records"}  # lists


def test_the_table_uses_no_key_and_no_name_twice_and_only_known_kinds() -> None:
    assert len({name for name, *_ in MESSAGES.values()}) == len(MESSAGES)
    for _name, direction, fields in MESSAGES.values():
        assert direction in (UP, DOWN)
        keys = [row[0] for row in fields]
        assert keys == sorted(set(keys))
        assert len({row[1] for row in fields}) == len(fields)
        assert {row[2] for row in fields} <= KINDS
        assert all(row[4] <= row[5] for row in fields)


def test_reports_go_up_and_verdict_codes_end_where_the_check_says() -> None:
    assert all(MESSAGES[kind][1] == UP for kind in messages.REPORTS)
    codes = (messages.BOOKED, messages.FLAGGED, messages.BAD_TMV, messages.HELD, messages.REFUSED)
    assert sorted(codes) == list(range(kinds.VERDICT_MAX + 1))
