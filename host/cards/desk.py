"""Issuing and loading a purse card that lies on a desk reader.

The books know before the card does: a card is pending before it is touched, a top-up is pending before
its commit is sent. What the card then proves (TMC and TMV) makes it final; without proof it stays pending
and visible until the card is read again.
"""

import secrets
import sqlite3
import struct
from typing import Any

import structlog

from host import alarms, clock
from host.cards import personalise, registry
from host.cards.keeper import Keeper
from host.cards.readers import CardConnection, CardGone
from host.cards.registry import Card, RegistryError
from host.db.engine import Database
from host.ledger import accounts, purse
from host.ledger.purse import CardMove
from protocol.aes import same
from protocol.card import apdu, layout, tmac
from protocol.card import purse as card_side
from protocol.card.purse import Purse

_log = structlog.get_logger()


class LoadUnknown(Exception):
    """The top-up may or may not be on the card: it stays pending until the card is read again."""


class Desk:
    """One card on a reader, one clerk."""

    def __init__(self, database: Database, keeper: Keeper, connection: CardConnection, who: str) -> None:
        self.database = database
        self.keeper = keeper
        self.connection = connection
        self.who = who

    def issue(self, amount_fen: int) -> dict[str, Any]:
        """Make the card ours and load it: registry.to_json() of it. Finishes what was interrupted.

        RegistryError, NotPersonalisable, CardError, CardGone, LoadUnknown.
        """
        with self.database.write() as connection:
            card = registry.newest(connection, self.connection.uid)
            if card is None or card.state == "void":
                version = self.keeper.newest("master")
                card = registry.begin(connection, self.connection.uid, version, self.who)
        if card.state == "pending":
            self._personalise(card)
        elif card.state != "active":
            raise RegistryError(
                "card-state", f"Card {card.uid_hex} is {card.state}; it cannot be issued anew."
            )
        elif not self._unfinished(card):
            raise RegistryError(
                "card-state", f"Card {card.uid_hex} is issued already, as number {card.number}."
            )
        if amount_fen:
            self.load(card, amount_fen)
        with self.database.read() as connection:
            current = registry.find(connection, card.uid, card.issue)
            assert current is not None
            return registry.to_json(connection, current)

    def _personalise(self, card: Card) -> None:
        keys = personalise.card_keys(self.keeper, card)
        apdu.run(personalise.personalise(card, keys), self.connection.send_and_receive)
        with self.database.write() as connection:
            registry.become(connection, card, "active", self.who)
            accounts.open_(connection, accounts.card_owner(card.uid, card.issue), "card")

    def _unfinished(self, card: Card) -> bool:
        """An active card whose first load never came about, as far as the books know."""
        with self.database.read() as connection:
            return purse.last_move(connection, card.uid, card.issue) is None

    def load(self, card: Card, amount_fen: int) -> None:
        """Credit the card and book cash -> card; a pending top-up of the same amount counts as this one."""
        seen = apdu.run(
            card_side.open_purse(card.uid, self._key(card, "debit"), secrets.token_bytes(16)),
            self.connection.send_and_receive,
        )
        if seen.issue != card.issue:
            raise RegistryError(
                "card-issue", f"Card {card.uid_hex} says issue {seen.issue}, not {card.issue}."
            )
        if self._settle(card, seen, amount_fen):
            return
        move = CardMove(card.uid, card.issue, seen.tmc + 1, amount_fen, seen.value_fen + amount_fen)
        with self.database.write() as connection:
            self._must_agree(connection, card, seen)
            if move.value_after_fen > layout.VALUE_FEN_MAX:
                raise RegistryError(
                    "value", f"Card {card.uid_hex} may hold at most {layout.VALUE_FEN_MAX} fen."
                )
            transaction_id = purse.plan_load(connection, move, self.who, clock.now_s())
        self._credit(card, move, transaction_id)

    def _key(self, card: Card, role: str) -> bytes:
        return self.keeper.card_key(role, card.uid, card.key_version)

    def _proves(self, card: Card, move: CardMove, tmv: bytes) -> bool:
        """Is this the TMV of a Credit of this amount at this counter?"""
        key = self.keeper.tmac_key(card.uid, card.issue, card.key_version)
        credit = tmac.value_input(tmac.CREDIT, layout.FILE_VALUE, move.change_fen)
        return same(tmac.tmv(key, card.uid, move.tmc, credit), tmv)

    def _settle(self, card: Card, seen: Purse, amount_fen: int) -> bool:
        """Decide top-ups left pending by what the card shows now; True when that was the one asked for."""
        done = False
        with self.database.write() as connection:
            for transaction_id, move in purse.pending_loads(connection, card.uid, card.issue):
                if seen.tmc == move.tmc and self._proves(card, move, seen.tmv):
                    purse.post_load(connection, transaction_id, move, self.who)
                    done = move.change_fen == amount_fen
                    if not done:
                        _log.info("earlier top-up settled", card=card.uid_hex, amount_fen=move.change_fen)
                elif seen.tmc == move.tmc - 1:
                    purse.void_load(connection, transaction_id, self.who)
                else:
                    raise LoadUnknown(
                        f"An earlier top-up of card {card.uid_hex} cannot be settled from the card any more "
                        f"(its counter is {seen.tmc}, the top-up was {move.tmc}): have a person look at it."
                    )
        return done

    def _must_agree(self, connection: sqlite3.Connection, card: Card, seen: Purse) -> None:
        last = purse.last_move(connection, card.uid, card.issue)
        tmc, value = (0, 0) if last is None else (last.tmc, last.value_after_fen)
        if (tmc, value) != (seen.tmc, seen.value_fen):
            raise RegistryError(
                "card-ahead",
                f"Card {card.uid_hex} shows counter {seen.tmc} and {seen.value_fen} fen, "
                f"the books {tmc} and {value}: wait until all kiosks have reported, then try again.",
            )

    def _credit(self, card: Card, move: CardMove, transaction_id: int) -> None:
        try:
            session = apdu.run(
                card_side.authenticate(layout.KEY_CREDIT, self._key(card, "credit"), secrets.token_bytes(16)),
                self.connection.send_and_receive,
            )
            value = struct.pack("<i", move.change_fen)
            credit = session.exchange(
                tmac.CREDIT, bytes([layout.FILE_VALUE]), value, layout.COMM_FULL, layout.COMM_MAC
            )
            apdu.run(credit, self.connection.send_and_receive)
        except (apdu.CardError, card_side.NotOurs, CardGone):
            self._void(transaction_id)  # without a commit the card forgets the credit
            raise
        try:
            tmc, tmv = apdu.run(card_side.commit(session), self.connection.send_and_receive)
        except CardGone:
            raise self._unknown(card, move) from None
        except apdu.CardError as error:
            if error.status is None:
                raise self._unknown(card, move) from None
            self._void(transaction_id)
            raise
        if tmc != move.tmc or not self._proves(card, move, tmv):
            with self.database.write() as connection:
                alarms.raise_(
                    connection,
                    "load-tmv",
                    card.uid_hex,
                    f"Top-up {move.reference}: the card's proof is wrong.",
                )
            raise self._unknown(card, move)
        with self.database.write() as connection:
            purse.post_load(connection, transaction_id, move, self.who)

    def _void(self, transaction_id: int) -> None:
        with self.database.write() as connection:
            purse.void_load(connection, transaction_id, self.who)

    def _unknown(self, card: Card, move: CardMove) -> LoadUnknown:
        return LoadUnknown(
            f"The answer of card {card.uid_hex} was lost: the top-up of {move.change_fen} fen stays pending. "
            "Put the card back and ask for the same again; it is not loaded twice."
        )
