"""Top-ups of one card on a desk reader: planned in the books, sent, proven by the card, settled later if not.

From the moment the commit is sent only proof decides: a status word carries no MAC, so whoever sits between
reader and card can invent a refusal.
"""

import secrets

import structlog

from host import alarms, clock
from host.cards import hotlist, pending, registry, rekey
from host.cards.keeper import Keeper
from host.cards.pending import Outcome
from host.cards.readers import CardConnection, CardGone, ReaderError
from host.cards.registry import Card, RegistryError
from host.db.connection import Connection
from host.db.engine import Database
from host.ledger import loads, purse
from host.ledger.books import book
from host.ledger.purse import CardMove
from protocol.card import apdu, ev2, layout, tmac
from protocol.card import purse as card_side
from protocol.card.purse import Purse

_log = structlog.get_logger()


class LoadUnknown(Exception):
    """The top-up may or may not be on the card: it stays pending until the card is read again."""


def must_be_welcome(connection: Connection, uid: bytes) -> None:
    """RegistryError for a card on the hotlist."""
    if hotlist.holds(connection, uid):
        raise RegistryError(
            "hotlisted",
            f"Card {uid.hex().upper()} is on the hotlist and no kiosk takes it: "
            "keep it and give the customer another card.",
        )


class Loads:
    """What a desk does with the money of the card on its reader.

    kind, command: what it is in the books, and by which command the card gets it.
    """

    kind, command = loads.LOAD, tmac.CREDIT

    def __init__(self, database: Database, keeper: Keeper, connection: CardConnection, who: str) -> None:
        self.database = database
        self.keeper = keeper
        self.connection = connection
        self.who = who

    def load(self, card: Card, amount_fen: int) -> None:
        """Settle what is pending, then credit the card and book cash -> card; 0 only settles.

        A pending top-up of the same amount that turns out to be on the card counts as this one. An older card
        gets the newest keys first: see rekey.
        """
        card, seen = self._look(card)
        if self._settle(card, seen, amount_fen) or not amount_fen:
            return
        move = CardMove(card.uid, card.issue, seen.tmc + 1, amount_fen, seen.value_fen + amount_fen)
        with book(self.database) as books:
            must_be_welcome(books.connection, card.uid)
            self._must_agree(books.connection, card, seen)
            if move.value_after_fen > layout.VALUE_FEN_MAX:
                raise RegistryError(
                    "value", f"Card {card.uid_hex} may hold at most {layout.VALUE_FEN_MAX} fen."
                )
            transaction_id = loads.plan_load(books, move, self.who, clock.now_s())
        self._credit(card, move, transaction_id)

    def _look(self, card: Card) -> tuple[Card, Purse]:
        """(the card with the newest keys, what it shows). RegistryError for one of another issue."""
        card = rekey.move_keys(self.database, self.keeper, self.connection, card, self.who)
        seen = apdu.run(
            card_side.open_purse(card.uid, self._key(card, "debit"), secrets.token_bytes(16)),
            self.connection.send_and_receive,
        )
        if seen.issue != card.issue:
            raise RegistryError(
                "card-issue", f"Card {card.uid_hex} says issue {seen.issue}, not {card.issue}."
            )
        return card, seen

    def _key(self, card: Card, role: str) -> bytes:
        return self.keeper.card_key(role, card.uid, card.key_version)

    def _settle(self, card: Card, seen: Purse, amount_fen: int) -> bool:
        """Decide top-ups left pending; True when one that is on the card was the one asked for."""
        done = False
        with self.database.read() as connection:
            waiting = [
                (number, move, loads.kind_of(connection, number), pending.by_books(connection, move))
                for number, move in loads.pending_loads(connection, card.uid, card.issue)
            ]
        for transaction_id, move, kind, known in waiting:
            outcome = known or self._by_card(card, seen, move)
            with book(self.database) as books:
                if outcome is Outcome.COMMITTED:
                    loads.post_load(books, transaction_id, move, self.who)
                else:
                    loads.void_load(books, transaction_id, self.who)
            _log.info("earlier top-up settled", load=move.reference, outcome=outcome.value)
            is_asked = move.change_fen == amount_fen and kind == self.kind
            done = done or (outcome is Outcome.COMMITTED and is_asked)
        return done

    def _by_card(self, card: Card, seen: Purse, move: CardMove) -> Outcome:
        """What the card itself proves of a pending top-up; LoadUnknown when it does not."""
        if seen.tmc == move.tmc and pending.proves(self.keeper, card, move, seen.tmv):
            return Outcome.COMMITTED
        if seen.tmc != move.tmc - 1:
            raise LoadUnknown(
                f"Card {card.uid_hex} was used after a top-up of {move.change_fen} fen that is still open "
                f"(its counter is {seen.tmc}, the top-up was {move.tmc}): wait until all kiosks have "
                "reported, then ask for the same again; if that does not help, have a person look at it."
            )
        # A stolen kiosk has the debit key and could act as the card before its top-up.
        session = self._credit_session(card)
        value_fen = apdu.run(card_side.get_value(session), self.connection.send_and_receive)
        if value_fen != move.value_after_fen - move.change_fen:
            with self.database.write() as connection:
                alarms.raise_(
                    connection,
                    "load-doubt",
                    card.uid_hex,
                    f"Top-up {move.reference}: counter and value of the card contradict each other. "
                    "Does somebody use a debit key?",
                )
            raise LoadUnknown(
                f"Counter and value of card {card.uid_hex} contradict each other: the top-up of "
                f"{move.change_fen} fen stays pending. Keep the card and have a person look at it."
            )
        return Outcome.FORGOTTEN

    def _must_agree(self, connection: Connection, card: Card, seen: Purse) -> None:
        """The books must know this very state of the card, and of nothing that is on its way there."""
        current = registry.find(connection, card.uid, card.issue)
        if current is None or current.state != "active":
            raise RegistryError(
                "card-state", f"Card {card.uid_hex} is not active any more; it is not loaded."
            )
        if loads.pending_loads(connection, card.uid, card.issue):
            raise RegistryError(
                "load-pending", f"Another top-up of card {card.uid_hex} is under way: wait, then try again."
            )
        tmc, value = purse.last_move(connection, card.uid, card.issue)
        if (tmc, value) != (seen.tmc, seen.value_fen):
            raise RegistryError(
                "card-ahead",
                f"Card {card.uid_hex} shows counter {seen.tmc} and {seen.value_fen} fen, "
                f"the books {tmc} and {value}: wait until all kiosks have reported, then try again.",
            )

    def _credit_session(self, card: Card) -> ev2.Session:
        return apdu.run(
            card_side.authenticate(layout.KEY_CREDIT, self._key(card, "credit"), secrets.token_bytes(16)),
            self.connection.send_and_receive,
        )

    def _credit(self, card: Card, move: CardMove, transaction_id: int) -> None:
        try:
            session = self._credit_session(card)
            credit = card_side.change_value(session, self.command, move.change_fen)
            apdu.run(credit, self.connection.send_and_receive)
        except (apdu.CardError, card_side.NotOurs, CardGone):
            # nobody but we could have sent this session's commit, and we did not
            with book(self.database) as books:
                loads.void_load(books, transaction_id, self.who)
            raise
        try:
            tmc, tmv = apdu.run(card_side.commit(session), self.connection.send_and_receive)
        except (apdu.CardError, CardGone, ReaderError):  # even a refusal: status words carry no MAC
            raise self._unknown(card, move) from None
        if tmc != move.tmc or not pending.proves(self.keeper, card, move, tmv):
            with self.database.write() as connection:
                alarms.raise_(
                    connection,
                    "load-tmv",
                    card.uid_hex,
                    f"Top-up {move.reference}: the card's proof is wrong.",
                )
            raise self._unknown(card, move)
        with book(self.database) as books:
            loads.post_load(books, transaction_id, move, self.who)

    def _unknown(self, card: Card, move: CardMove) -> LoadUnknown:
        return LoadUnknown(
            f"The answer of card {card.uid_hex} was lost: the top-up of {move.change_fen} fen stays pending. "
            "Put the card back and ask for the same again; it is not loaded twice."
        )
