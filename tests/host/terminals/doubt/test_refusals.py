"""Bad input, one by one: its code, is it stored, nothing booked, no exception, the others booked."""

from typing import Any

import pytest

from host.ledger import accounts
from host.ledger.books import book
from host.ledger.chart import HOUSE
from host.ledger.terms import LedgerError, Transfer, Why
from host.terminals.doubt import refusals
from host.terminals.reported import sequences
from protocol.wire import cbor, envelope, mac, messages, topics
from protocol.wire.messages import ACK, AMOUNT_FEN_MAX, BAD_TMV, BOOKED, FLAGGED, REFUSED, SALE, UP
from simulator.card import DesfireCard
from tests.host.looks import faults, holds, verdicts
from tests.host.rig import NOW_S, KioskSide, Shop

BOOKS = ("transactions", "transfers", "card_flags", "suspects", "unsettled")


def signed(kiosk: KioskSide, head: bytes) -> bytes:
    """A message of this kiosk, whatever its content."""
    key = mac.kiosk_keys(kiosk.given["secret"])[0]
    return head + mac.hmac_sha256(key, head)[: mac.MAC_SIZE]


def message(kiosk: KioskSide, kind: int, body: object, counter: int = 1, **changed: Any) -> bytes:
    """The same from an envelope's parts."""
    parts = {"version": 1, "direction": UP, "name": kiosk.name, "epoch": 1, "counter": counter}
    return signed(kiosk, cbor.encode([*(parts | changed).values(), kind, body]))


def a_sale(**changed: Any) -> dict[int, Any]:
    """A body that is like a sale's but for what is changed by name; None takes a field out."""
    values: dict[str, Any] = {"uid": bytes(7), "issue": 1, "amount_fen": 100, "tmc": 2, "tmv": bytes(8)}
    values |= {"value_fen": 0, "happened_s": NOW_S} | changed
    keys = {row[1]: row[0] for row in messages.MESSAGES[SALE][2]}
    return {keys[name]: value for name, value in values.items() if value is not None}


def counts(shop: Shop, tables: tuple[str, ...] = BOOKS) -> list[int]:
    return [shop.query(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


def balance(shop: Shop, card: DesfireCard) -> int | None:
    return shop.look(accounts.card_balance, card.uid, 1)


def stored(shop: Shop) -> list[tuple[int, int, str]]:
    return shop.query("SELECT epoch, counter, code FROM refusals ORDER BY id")


def refused_code(shop: Shop, kiosk: KioskSide, payload: bytes, topic: str | None = None) -> str:
    """What it is counted as. A sale of another kiosk in the same batch is booked, and nothing else is."""
    other, card = shop.connected("K8"), shop.card(10_000)
    before, books = shop.batches.rejections.to_json()["counts"], counts(shop)
    down = shop.write([(topic or kiosk.topic, payload), (other.topic, shop.sale(other, card, 100))])
    assert [code for _, code, _ in verdicts(other.hear_all(down))] == [BOOKED]
    kiosk.hear_all(down)
    assert [now - then for now, then in zip(counts(shop), books, strict=True)] == [1, 1, 0, 0, 0]
    after = shop.batches.rejections.to_json()["counts"]
    (code,) = [code for code in after if after[code] != before.get(code, 0)]
    return str(code)


GARBLED = [
    ("mac", lambda whole: whole[:20] + bytes([whole[20] ^ 1]) + whole[21:]),
    ("mac", lambda whole: whole[:-1]),
    ("mac", lambda whole: whole + b"\x00"),
    ("size", lambda whole: whole[:16]),
    ("size", lambda whole: b""),
    ("size", lambda whole: whole + bytes(envelope.SIZE_MAX)),
]


@pytest.mark.parametrize(("code", "garble"), GARBLED)
def test_wrong_mac_and_wrong_length_are_counted_and_stored_nowhere(
    shop: Shop, code: str, garble: Any
) -> None:
    kiosk = shop.connected()
    assert refused_code(shop, kiosk, garble(message(kiosk, SALE, a_sale()))) == code
    assert stored(shop) == [] and shop.alarms() == []
    assert shop.query("SELECT count(*) FROM reports WHERE kiosk = 1") == [(0,)]


def test_an_unknown_kiosk_is_counted_and_stored_nowhere(shop: Shop) -> None:
    kiosk = shop.connected()
    payload = message(kiosk, SALE, a_sale())
    assert refused_code(shop, kiosk, payload, topics.up("K9")) == "unknown"
    assert stored(shop) == [] and shop.alarms() == []


UNANSWERED = [
    ("version", (0, 0), {"version": 2}),
    ("direction", (0, 0), {"direction": messages.DOWN}),
    ("kiosk", (0, 0), {"name": "K2"}),
    ("shape", (0, 0), {"epoch": -1}),
    ("type", (1, 1), {"kind": 999}),
    ("field", (1, 1), {"kind": messages.ACK}),
    ("field", (1, 1), {"kind": messages.HELLO}),
    ("counter", (1, 0), {"counter": 0}),
]


@pytest.mark.parametrize(("code", "number", "changed"), UNANSWERED)
def test_what_cannot_be_answered_is_stored_and_its_kiosk_keeps_it(
    shop: Shop, code: str, number: tuple[int, int], changed: dict[str, Any]
) -> None:
    kiosk = shop.connected()
    payload = message(kiosk, body=a_sale(), **{"kind": SALE, **changed})
    assert refused_code(shop, kiosk, payload) == code
    assert stored(shop) == [(*number, code)]
    assert [kind for kind, _ in kiosk.inbox].count(ACK) == 1, "only the hello's: a newer host may take it"
    assert shop.query("SELECT count(*) FROM reports WHERE kiosk = 1") == [(0,)]
    assert shop.alarms() == ["refused"]


ANSWERED = [
    ("amount", {"amount_fen": 0}),
    ("amount", {"amount_fen": -1}),
    ("amount", {"amount_fen": AMOUNT_FEN_MAX + 1}),
    ("amount", {"amount_fen": 2**63}),
    ("field", {"amount_fen": "100"}),
    ("field", {"amount_fen": None}),
    ("field", {"value_fen": -1}),
    ("field", {"uid": bytes(11)}),
    ("field", {"tmv": bytes(7)}),
    ("field", {"tmc": 0}),
]


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(("code", "changed"), ANSWERED)
def test_a_report_that_is_none_is_stored_and_answered(
    shop: Shop, code: str, changed: dict[str, Any], alone: bool
) -> None:
    kiosk, body = shop.connected(), a_sale(**changed)
    payload = message(kiosk, SALE, body)
    if not alone:
        payload = message(kiosk, messages.JOURNAL, {1: [[1, SALE, body]]}, counter=0)
    assert refused_code(shop, kiosk, payload) == code
    assert stored(shop) == [(1, 1, code)]
    heard = dict(kiosk.inbox)
    assert heard[ACK]["upto"] == 1 and heard[ACK]["verdicts"] == [[1, REFUSED, 0]]
    content = cbor.encode([SALE, body])
    assert shop.query("SELECT code, body, transaction_id FROM reports WHERE kiosk = 1") == [
        (REFUSED, content, None)
    ]
    assert shop.query("SELECT content FROM refusals") == [(content,)]
    holds(shop)


def test_verify_finds_a_refused_report_that_was_booked_all_the_same(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card, 2500), message(kiosk, SALE, a_sale(amount_fen=0), 2))
    with shop.opened.database.write() as connection:
        (number,) = connection.execute("SELECT transaction_id FROM reports WHERE counter = 1").fetchone()
        connection.execute(
            "INSERT INTO reports SELECT kiosk, epoch, 3, kind, sha256, body, code, balance_fen, ?, received_s"
            " FROM reports WHERE counter = 2",
            (number,),
        )
        connection.execute("UPDATE kiosk_epochs SET upto = 3")
    (found,) = faults(shop).values()
    assert f"report K1 1.3 was refused, and transaction {number} is booked for it" in found


def test_the_same_again_is_one_row_one_alarm_and_the_same_answer(shop: Shop) -> None:
    kiosk = shop.connected()
    payload = message(kiosk, SALE, a_sale(amount_fen=0))
    for _ in range(3):
        assert verdicts(shop.tell(kiosk, payload, payload)) == [[1, REFUSED, 0]] * 2
    assert stored(shop) == [(1, 1, "amount")] and shop.alarms() == ["refused"]
    assert shop.batches.rejections.to_json()["counts"] == {"amount": 6}


def test_one_alarm_for_each_kiosk_and_code(shop: Shop) -> None:
    for name in ("K1", "K2"):
        kiosk = shop.connected(name)
        for n in (1, 2, 3):
            shop.tell(kiosk, message(kiosk, SALE, a_sale(amount_fen=0), n))
            shop.tell(kiosk, message(kiosk, SALE, a_sale(tmv=b""), n + 3))
    subjects = shop.query("SELECT subject FROM alarms WHERE code = 'refused' ORDER BY id")
    assert subjects == [("K1 amount",), ("K1 field",), ("K2 amount",), ("K2 field",)]
    assert len(stored(shop)) == 12


def test_the_rest_of_a_journal_is_booked(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    paid = [kiosk.pay(card, shop.debit_key(card), 100) for _ in range(3)]
    records: list[Any] = [[number[1], SALE, messages.body(SALE, **values)] for number, values in paid]
    records[1:1] = [[9, SALE, a_sale(amount_fen=0)], [10, 999, {}]]
    heard = shop.tell(kiosk, message(kiosk, messages.JOURNAL, {1: records}, counter=0))
    assert verdicts(heard) == [[1, BOOKED, 9900], [9, REFUSED, 0], [2, BOOKED, 9800], [3, BOOKED, 9700]]
    assert (heard[ACK]["upto"], heard[ACK]["ranges"]) == (3, [[9, 9]])
    assert balance(shop, card) == 9700 and stored(shop) == [(1, 9, "amount"), (1, 10, "type")]
    holds(shop)


def test_what_is_kept_of_one_kiosk_is_bounded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "ROWS_MAX", 5)
    flood, other = shop.connected("K1"), shop.connected("K2")
    for n in range(1, 9):
        heard = shop.tell(flood, message(flood, SALE, a_sale(amount_fen=0), n))
        assert verdicts(heard) == [[n, REFUSED, 0]], "still answered, and its content is with the answer"
    shop.tell(other, message(other, SALE, a_sale(amount_fen=0)))
    assert [counter for _, counter, _ in stored(shop)] == [1, 2, 3, 4, 5, 1]
    assert shop.alarms() == ["refused", "refusals-full", "refused"]
    assert shop.batches.rejections.to_json()["counts"] == {"amount": 9}


def test_what_is_kept_of_one_message_is_bounded(shop: Shop) -> None:
    kiosk, body = shop.connected(), a_sale() | {99: bytes(6000)}
    shop.tell(kiosk, message(kiosk, SALE, body))
    content = cbor.encode([SALE, body])[: refusals.CONTENT_MAX]
    assert shop.query("SELECT content FROM refusals") == [(content,)]
    assert shop.query("SELECT body FROM reports") == [(content,)]
    holds(shop)


def test_a_sentence_holds_no_foreign_text_that_a_database_refuses(shop: Shop) -> None:
    kiosk = shop.connected()
    shop.write([(kiosk.topic, message(kiosk, SALE, {}, version="\x00\n" * 900))])
    ((sentence,),) = shop.query("SELECT sentence FROM refusals")
    assert sentence.isprintable() and len(sentence) <= refusals.SENTENCE_MAX


def test_a_number_that_was_refused_takes_a_proved_debit_later(shop: Shop) -> None:
    """The kiosk was mended: what it tells under the number is booked, and a person looks at it."""
    kiosk, card = shop.connected(), shop.card(10_000)
    sale = shop.sale(kiosk, card, 2500)
    shop.tell(kiosk, message(kiosk, SALE, a_sale(amount_fen=0)))
    assert verdicts(shop.tell(kiosk, sale)) == [[1, FLAGGED, 7500]]
    assert balance(shop, card) == 7500 and shop.alarms() == ["refused", "number-reused"]
    holds(shop)


def test_a_refused_report_under_a_used_number_changes_no_answer(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    sale = shop.sale(kiosk, card, 2500)
    first = verdicts(shop.tell(kiosk, sale))
    assert verdicts(shop.tell(kiosk, message(kiosk, SALE, a_sale(amount_fen=0)))) == [[1, REFUSED, 0]]
    assert verdicts(shop.tell(kiosk, sale)) == first == [[1, BOOKED, 7500]]
    assert balance(shop, card) == 7500 and stored(shop) == [(1, 1, "amount")]


def test_other_content_under_a_used_number_is_booked_and_flagged_if_the_card_proves_it(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card, 2500))
    kiosk.counter = 0  # its flash went back in time
    second = shop.sale(kiosk, card, 100)
    assert verdicts(shop.tell(kiosk, second)) == [[1, FLAGGED, 7400]]
    assert balance(shop, card) == 7400 and shop.alarms() == ["number-reused"]
    forged = message(kiosk, SALE, a_sale(uid=card.uid, tmc=9, value_fen=7300))
    assert verdicts(shop.tell(kiosk, forged)) == [[1, BAD_TMV, 7400]]
    assert balance(shop, card) == 7400 and stored(shop) == []


def test_a_gap_is_listed_until_it_is_closed(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    sales = [shop.sale(kiosk, card, 100) for _ in range(5)]
    shop.tell(kiosk, sales[0], sales[4])
    assert shop.look(sequences.gaps, 1) == [{"epoch": 1, "first": 2, "last": 4}]
    shop.tell(kiosk, sales[2])
    assert shop.look(sequences.gaps, 1) == [
        {"epoch": 1, "first": 2, "last": 2},
        {"epoch": 1, "first": 4, "last": 4},
    ]
    shop.tell(kiosk, sales[1], message(kiosk, SALE, a_sale(amount_fen=0), 4))
    assert shop.look(sequences.gaps, 1) == [], "a number that was refused is held too"
    assert shop.tell(kiosk, kiosk.hello(b"nonce--2"))[ACK]["upto"] == 5


def test_a_debit_of_an_unknown_card_without_its_proof_books_nothing(shop: Shop) -> None:
    kiosk, before = shop.connected(), counts(shop)
    heard = shop.tell(kiosk, message(kiosk, SALE, a_sale()))
    assert verdicts(heard) == [[1, BAD_TMV, 0]] and shop.alarms() == ["bad-tmv"]
    assert [now - then for now, then in zip(counts(shop), before, strict=True)] == [0, 0, 0, 1, 0]


def test_no_message_names_a_unit_and_the_ledger_moves_nothing_between_two(shop: Shop) -> None:
    """On the wire an amount is always fen, so a mismatch can only be ours: the books refuse it."""
    shop.card(10_000)
    fields = [row for _, _, rows in messages.MESSAGES.values() for row in rows]
    assert {row[3] for row in fields if row[1].startswith("amount")} == {"fen"}
    before = counts(shop)
    with pytest.raises(LedgerError, match="stays in its unit"), book(shop.opened.database) as books:
        cash = books.open_(HOUSE, "cash")
        points = books.open_("card:04:1", "points", "points")
        books.post(Why("odd", "1", "operator:desk", NOW_S), [Transfer(cash, points, 1)])
    assert counts(shop) == before
