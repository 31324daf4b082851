"""What the books make of one authentic report. A report is a fact: it is booked, and flagged if it does not fit.

Known by (kiosk, epoch, counter) with a hash of its content: the same again gets the same answer, other content
under a used number is alarmed. A debit is known by (UID, issue, TMC) besides, which no kiosk can forge.
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Any

from host import alarms, clock
from host.cards import hotlist, registry
from host.cards.keeper import Keeper
from host.ledger import accounts, purse
from host.ledger.purse import CardMove
from host.terminals import sequences
from host.terminals.kiosks import Kiosk
from protocol.aes import same
from protocol.card import layout, tmac
from protocol.wire import cbor, messages
from protocol.wire.messages import BAD_TMV, BOOKED, FLAGGED, HELD


@dataclass(frozen=True)
class Report:
    """One report of a kiosk; `values` are the fields by name."""

    kiosk: Kiosk
    epoch: int
    counter: int
    kind: int
    body: dict[int, Any]

    @property
    def values(self) -> dict[str, Any]:
        """{name: value} of the message table."""
        return messages.fields(self.kind, self.body)

    @property
    def encoded(self) -> bytes:
        """The content that its number stands for."""
        return bytes(cbor.encode([self.kind, self.body]))

    @property
    def name(self) -> str:
        """K1 1.7, as people see it."""
        return f"{self.kiosk.name} {self.epoch}.{self.counter}"


@dataclass(frozen=True)
class Answer:
    """The verdict: what an acknowledgement says of a report."""

    code: int
    balance_fen: int


def decide(connection: sqlite3.Connection, keeper: Keeper, report: Report) -> Answer:
    """Book, keep or recognise one report. Call inside a write transaction."""
    digest = hashlib.sha256(report.encoded).digest()
    number = (report.kiosk.number, report.epoch, report.counter)
    known = connection.execute(
        "SELECT sha256, code, balance_fen FROM reports WHERE kiosk = ? AND epoch = ? AND counter = ?", number
    ).fetchone()
    if known is not None and known["sha256"] != digest:
        return _reused(connection, keeper, report, digest)
    if known is not None:
        return Answer(known["code"], known["balance_fen"])
    answer = _judge(connection, keeper, report, [])
    connection.execute(
        "INSERT INTO reports (kiosk, epoch, counter, kind, sha256, body, code, balance_fen, received_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*number, report.kind, digest, report.encoded, answer.code, answer.balance_fen, clock.now_s()),
    )
    sequences.note(connection, *number)
    return answer


def keep_suspect(connection: sqlite3.Connection, report: Report, answer: Answer, reason: str) -> None:
    """Store an authentic message apart, once."""
    digest = hashlib.sha256(report.encoded).digest()
    connection.execute(
        "INSERT INTO suspects (kiosk, epoch, counter, kind, sha256, body, code, balance_fen, reason, received_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            report.kiosk.number,
            report.epoch,
            report.counter,
            report.kind,
            digest,
            report.encoded,
            answer.code,
            answer.balance_fen,
            reason,
            clock.now_s(),
        ),
    )


def _reused(connection: sqlite3.Connection, keeper: Keeper, report: Report, digest: bytes) -> Answer:
    """Other content under a used number: a debit the card proves is booked all the same, the rest is kept apart."""
    kept = connection.execute(
        "SELECT code, balance_fen FROM suspects WHERE kiosk = ? AND epoch = ? AND counter = ? AND sha256 = ?",
        (report.kiosk.number, report.epoch, report.counter, digest),
    ).fetchone()
    if kept is not None:
        return Answer(kept["code"], kept["balance_fen"])
    alarms.raise_(
        connection,
        "number-reused",
        report.kiosk.name,
        f"{report.name} came a second time with other content.",
    )
    values = report.values
    if "tmv" in values and values.get("paid", 1):
        answer = _judge(connection, keeper, report, ["reused number"])
    else:
        answer = Answer(FLAGGED, _balance(connection, values["uid"], values["issue"]))
    keep_suspect(connection, report, answer, "number reused")
    return answer


def _judge(connection: sqlite3.Connection, keeper: Keeper, report: Report, flags: list[str]) -> Answer:
    values = report.values
    uid, issue = values["uid"], values["issue"]
    if report.kind == messages.SALE or (report.kind == messages.SETTLED and values["paid"]):
        return _paid(connection, keeper, report, flags)
    if report.kind == messages.UNSETTLED:
        connection.execute(
            "INSERT INTO unsettled (kiosk, epoch, counter, uid, issue, amount_fen, happened_s)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                report.kiosk.number,
                report.epoch,
                report.counter,
                uid,
                issue,
                values["amount_fen"],
                values["happened_s"],
            ),
        )
    elif report.kind == messages.SETTLED:
        _settle(connection, report, values, 0)
    return Answer(BOOKED, _balance(connection, uid, issue))


def _paid(connection: sqlite3.Connection, keeper: Keeper, report: Report, flags: list[str]) -> Answer:
    values = report.values
    uid, issue = values["uid"], values["issue"]
    card = registry.find(connection, uid, issue)
    if not _plausible(keeper, report, values, card):
        return _bad_tmv(connection, report, uid, issue)
    move = CardMove(uid, issue, values["tmc"], -values["amount_fen"], values["value_fen"])
    if report.kind == messages.SETTLED:
        _settle(connection, report, values, 1)
    held = purse.known_move(connection, uid, issue, move.tmc)
    if held is not None:
        if held != move:
            alarms.raise_(
                connection,
                "counter-twice",
                uid.hex().upper(),
                f"{report.name} tells another debit of {move.reference} than the books hold: a copied card?",
            )
        return Answer(HELD, _balance(connection, uid, issue))
    before = purse.known_move(connection, uid, issue, move.tmc - 1)
    kind = "sale" if report.kind == messages.SALE else "settlement"
    purse.book_sale(connection, kind, move, report.kiosk.name, values["happened_s"], card is not None)
    balance_fen = _balance(connection, uid, issue)
    found = list(flags)
    if "tmv" not in values:
        found.append("no proof")
    if card is None:
        found.append("unknown card")
    elif card.state != "active":
        found.append(card.state)
    if balance_fen < 0:
        found.append("overdraft")
    if before is not None and before.value_after_fen + move.change_fen != move.value_after_fen:
        found.append("value differs")
    for flag in found:
        registry.flag(connection, uid, issue, flag, f"{report.name}, {move.reference}")
    if card is not None and purse.has_gap(connection, uid, issue):
        found.append("gap")  # not stored: it is listed for as long as it is open
    return Answer(FLAGGED if found else BOOKED, balance_fen)


def _plausible(keeper: Keeper, report: Report, values: dict[str, Any], card: registry.Card | None) -> bool:
    """Does the TMV prove the debit? Without a TMV (log rolled over) only the counter can be looked at."""
    if values["tmc"] == 0:
        return False
    if "tmv" not in values:
        return True
    if report.kind == messages.SETTLED:
        epoch, counter = values["ref_epoch"], values["ref_counter"]
    else:
        epoch, counter = report.epoch, report.counter
    amount_fen, after_fen = values["amount_fen"], values["value_fen"]
    record = layout.log_record(
        report.kiosk.number, epoch, counter, amount_fen, after_fen, values["happened_s"]
    )
    version = keeper.newest("tmac") if card is None else card.key_version
    key = keeper.tmac_key(values["uid"], values["issue"], version)
    tmi = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, after_fen + amount_fen, amount_fen, record)
    return bool(same(tmac.tmv(key, values["uid"], values["tmc"], tmi), values["tmv"]))


def _bad_tmv(connection: sqlite3.Connection, report: Report, uid: bytes, issue: int) -> Answer:
    answer = Answer(BAD_TMV, _balance(connection, uid, issue))
    keep_suspect(connection, report, answer, "wrong TMV")
    hotlist.add(connection, uid, f"wrong TMV at {report.name}", accounts.kiosk_owner(report.kiosk.name))
    alarms.raise_(
        connection,
        "bad-tmv",
        uid.hex().upper(),
        f"{report.name} tells a debit that the card's Transaction MAC does not prove: not booked, card hotlisted.",
    )
    return answer


def _settle(connection: sqlite3.Connection, report: Report, values: dict[str, Any], paid: int) -> None:
    connection.execute(
        "INSERT INTO settlements (kiosk, epoch, counter, paid, at_s) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (report.kiosk.number, values["ref_epoch"], values["ref_counter"], paid, clock.now_s()),
    )


def _balance(connection: sqlite3.Connection, uid: bytes, issue: int) -> int:
    """The card's shadow for the kiosk's screen; 0 for a card without an account."""
    return accounts.card_balance(connection, uid, issue) or 0
