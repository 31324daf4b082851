"""One round: customers, a kill in the midst of them, and what must be true when every journal is empty."""

import random
import time

from host.db.connection import Connection
from host.ledger import accounts, purse
from protocol.wire.messages import BOOKED, FLAGGED
from tests.crash.world import LOADED_FEN, World
from tests.host.ledger import audit
from tests.host.process import run

NOTHING = ("alarms", "suspects", "refusals", "card_flags")  # tables that no kill may fill


def play(world: World, seed: int, number: int) -> str:
    """The round of this number; who was killed. AssertionError that says how to have it again."""
    chance = random.Random(f"{seed}.{number}")
    victim, delay_s = chance.choice(world.victims()), chance.choice([0.0, chance.uniform(0, 0.02)])
    try:
        before = world.acknowledged
        sold = world.sell(chance)
        world.wait(before + chance.randint(0, sold))
        time.sleep(delay_s)  # the moment is drawn too: nothing is waited for
        world.kill(victim)
        world.settle()
        books_hold_each_sale_once(world)
    except AssertionError as error:
        raise AssertionError(
            f"seed {seed}, round {number}, {victim} killed: {error}; the log is {world.data / 'host.log'}"
        ) from error
    return victim


def books_hold_each_sale_once(world: World) -> None:
    """Every number a till ever gave is answered, with a transaction of its own."""
    with world.shop.opened.database.read() as connection:
        for till in world.tills:
            rows = connection.execute(
                "SELECT counter, transaction_id, code FROM reports WHERE kiosk = ? AND epoch = ?"
                " ORDER BY counter",
                (till.side.given["number"], till.side.epoch),
            ).fetchall()
            assert [row[0] for row in rows] == list(range(1, till.side.counter + 1)), till.side.name
            assert all(row[1] is not None and row[2] in (BOOKED, FLAGGED) for row in rows), till.side.name
        sold = sum(till.side.counter for till in world.tills)
        assert _one(connection, "SELECT count(*) FROM transactions WHERE kind = 'sale'") == sold
        assert _one(connection, "SELECT count(DISTINCT transaction_id) FROM reports") == sold
        for card in world.cards:
            balance_fen = accounts.card_balance(connection, card.uid, 1)
            assert balance_fen == card.value_fen, (
                f"{card.uid.hex()} holds {card.value_fen}, not {balance_fen}"
            )
            assert purse.last_move(connection, card.uid, 1) == (card.tmc, card.value_fen)
            assert not purse.has_gap(connection, card.uid, 1)
        for table in NOTHING:
            assert _one(connection, f"SELECT count(*) FROM {table}") == 0, table
        audit.sums(connection)


def books_are_whole(world: World) -> None:
    """What `verify` proves, each history and each link, and what was earned is what the cards have paid."""
    verified = run("verify", "--data", str(world.data))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    with world.shop.opened.database.read() as connection:
        audit.audit(connection)
        earned = _one(connection, "SELECT sum(balance) FROM accounts WHERE kind = 'sales'")
        assert earned == sum(LOADED_FEN - card.value_fen for card in world.cards)


def _one(connection: Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
