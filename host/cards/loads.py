"""Top-ups of one card on a desk reader: planned in the books, sent, proven by the card, settled later if not.

From the moment the commit is sent only proof decides: a status word carries no MAC, so whoever sits between
reader and card can invent a refusal.
"""

import secrets

import structlog

from host import alarms, clock
from host.cards import pending, rekey
from host.cards.admission import next_move
from host.cards.keeper import Keeper
from host.cards.readers import CardConnection, CardGone, ReaderError
from host.cards.registry import Card, RegistryError
from host.db.engine import Database
from host.ledger import loads, waiting
from host.ledger.books import book
from host.ledger.outcomes import Outcome, by_books
from host.ledger.purse import CardMove
from protocol.card import apdu, ev2, layout, tmac
from protocol.card import purse as card_side
from protocol.card.purse import Purse

WORDS = {loads.LOAD: "top-up", loads.REFUND: "refund", loads.PAYOUT: "payout"}
_log = structlog.get_logger()


class LoadUnknown(Exception):
    """The top-up may or may not be on the card: it stays pending until the card is read again."""


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
        settled = [move.change_fen for kind, move in self._settle(card, seen) if kind == self.kind]
        if not amount_fen or amount_fen in settled:
            return
        with book(self.database) as books:
            move = next_move(books.connection, card, seen, amount_fen)
            transaction_id = loads.plan_load(books, move, self.who, clock.now_s())
        self._credit(card, move, transaction_id)

    def collect(self, card: Card, moves: bool = False) -> int:
        """Settle what is pending, then put on the card what waits for it -> fen that are there by that.

        What does not fit on the card waits on. moves: give it the newest keys first, as a desk does; where
        somebody waits at a kiosk only a move that was begun is finished. RegistryError only when nothing was
        put there.
        """
        if moves or self._is_moving(card):
            card = rekey.move_keys(self.database, self.keeper, self.connection, card, self.who)
        seen = self._open(card)
        put_fen = sum(move.change_fen for _, move in self._settle(card, seen))
        try:
            with book(self.database) as books:
                waits = waiting.of(books.connection, card.uid, card.issue)
                if not waits.total_fen:
                    return put_fen
                amount_fen = min(waits.total_fen, max(layout.VALUE_FEN_MAX - seen.value_fen, 1))
                move = next_move(books.connection, card, seen, amount_fen)
                transaction_id = loads.plan_collection(books, move, self.who, waits.principal_fen)
        except RegistryError:
            if put_fen:
                return put_fen
            raise
        self._credit(card, move, transaction_id)
        return put_fen + amount_fen

    def _is_moving(self, card: Card) -> bool:
        with self.database.read() as connection:
            return rekey.is_moving(connection, card)

    def _look(self, card: Card) -> tuple[Card, Purse]:
        """(the card with the newest keys, what it shows). RegistryError for one of another issue."""
        card = rekey.move_keys(self.database, self.keeper, self.connection, card, self.who)
        return card, self._open(card)

    def _open(self, card: Card) -> Purse:
        opening = card_side.open_purse(card.uid, self._key(card, "debit"), secrets.token_bytes(16))
        seen = apdu.run(opening, self.connection.send_and_receive)
        if seen.issue != card.issue:
            raise RegistryError(
                "card-issue", f"Card {card.uid_hex} says issue {seen.issue}, not {card.issue}."
            )
        return seen

    def _key(self, card: Card, role: str) -> bytes:
        return self.keeper.card_key(role, card.uid, card.key_version)

    def _settle(self, card: Card, seen: Purse) -> list[tuple[str, CardMove]]:
        """Decide what was left pending -> (kind, move) of what is on the card."""
        done = []
        with self.database.read() as connection:
            waiting = [
                (number, move, loads.kind_of(connection, number), by_books(connection, move))
                for number, move in loads.pending_loads(connection, card.uid, card.issue)
            ]
        for transaction_id, move, kind, known in waiting:
            outcome = known or self._by_card(card, seen, kind, move)
            with book(self.database) as books:
                if outcome is Outcome.COMMITTED:
                    loads.post_load(books, transaction_id, move, self.who)
                else:
                    loads.void_load(books, transaction_id, self.who)
            _log.info("earlier top-up settled", load=move.reference, outcome=outcome.value)
            if outcome is Outcome.COMMITTED:
                done.append((kind, move))
        return done

    def _by_card(self, card: Card, seen: Purse, kind: str, move: CardMove) -> Outcome:
        """What the card itself proves of a pending top-up; LoadUnknown when it does not."""
        if seen.tmc == move.tmc and pending.proves(self.keeper, card, move, seen.tmv):
            return Outcome.COMMITTED
        if seen.tmc != move.tmc - 1:
            raise LoadUnknown(
                f"Card {card.uid_hex} was used after a {_named(kind, move)} that is still open "
                f"(its counter is {seen.tmc}, it would be {move.tmc}): wait until all kiosks have "
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
                f"Counter and value of card {card.uid_hex} contradict each other: the "
                f"{_named(kind, move)} stays pending. Keep the card and have a person look at it."
            )
        return Outcome.FORGOTTEN

    def _credit_session(self, card: Card) -> ev2.Session:
        return apdu.run(
            card_side.authenticate(layout.KEY_CREDIT, self._key(card, "credit"), secrets.token_bytes(16)),
            self.connection.send_and_receive,
        )

    def _credit(self, card: Card, move: CardMove, transaction_id: int) -> None:
        try:
            session = self._credit_session(card)
            credit = card_side.change_value(session, self.command, abs(move.change_fen))
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
            f"The answer of card {card.uid_hex} was lost: the {_named(self.kind, move)} stays pending. "
            "Put the card back and ask for the same again; it is not done twice."
        )


def _named(kind: str, move: CardMove) -> str:
    """For a clerk."""
    return f"{WORDS[kind]} of {abs(move.change_fen)} fen"
