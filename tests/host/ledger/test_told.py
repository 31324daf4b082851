import pytest

from host.ledger import told
from host.ledger.purse import CardMove
from protocol.wire import cbor, messages

UID = bytes.fromhex("04010203040506")
DEBIT = {"uid": UID, "issue": 1, "amount_fen": 250, "tmc": 7, "value_fen": 750, "happened_s": 1}
SETTLED = DEBIT | {"ref_epoch": 1, "ref_counter": 3}


@pytest.mark.parametrize(
    "kind, values, paid",
    [
        (messages.SALE, DEBIT | {"tmv": bytes(8)}, True),
        (messages.SETTLED, SETTLED | {"paid": 1}, True),
        (messages.SETTLED, SETTLED | {"paid": 0}, False),
        (messages.UNSETTLED, DEBIT, False),
    ],
)
def test_a_stored_report_tells_what_it_told_when_it_came(
    kind: int, values: dict[str, object], paid: bool
) -> None:
    assert told.read(cbor.encode([kind, messages.body(kind, **values)])) == (kind, values)
    assert told.is_debit(kind, values) == paid
    assert told.move(values) == CardMove(UID, 1, 7, -250, 750)


GOOD = messages.body(messages.UNSETTLED, **DEBIT)
NO_PAIR = "^it is not a kind and a body$"


@pytest.mark.parametrize(
    "content, why",
    [
        (b"\xff", "indefinite length"),
        (cbor.encode([messages.UNSETTLED, GOOD])[:-1], "cut short"),
        (cbor.encode({0: messages.UNSETTLED, 1: GOOD}), NO_PAIR),
        (cbor.encode("5"), NO_PAIR),
        (cbor.encode([]), NO_PAIR),
        (cbor.encode([messages.UNSETTLED]), NO_PAIR),
        (cbor.encode([messages.UNSETTLED, GOOD, GOOD]), NO_PAIR),
        (cbor.encode(["5", GOOD]), NO_PAIR),
        (cbor.encode([999, GOOD]), "unknown message type 999"),
        (cbor.encode([messages.ACK, GOOD]), "unknown message type"),
        (cbor.encode([messages.UNSETTLED, [GOOD]]), "not a map"),
        (cbor.encode([messages.UNSETTLED, GOOD | {1: b""}]), "uid must be"),
    ],
)
def test_what_is_no_message_of_a_kiosk_tells_nothing(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        told.read(content)
