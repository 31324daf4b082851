"""A shop with its broker, its database, its host and three tills, and what can be killed of it."""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host.ledger import purse
from protocol.card import layout, tmac
from simulator import postgres
from simulator.broker import Broker
from simulator.leash import Leash
from simulator.postgres import Postgres
from tests.crash.till import Till
from tests.host.process import Host
from tests.host.rig import NOW_S, Shop, open_shop
from tests.waiting import gone, until

TILLS, CARDS = 3, 6
LOADED_FEN = 500_000
SECONDS = 60.0  # the longest that anything may take here
ASK_AGAIN_S = 0.4
FALLS_MAX = 2  # so often a process is started again without a pause that slows the rounds


@dataclass
class Card:
    """A purse card, of which only the Transaction MAC is worked out."""

    uid: bytes
    key: bytes
    tmc: int
    value_fen: int

    def pay(self, kiosk_no: int, number: tuple[int, int], amount_fen: int) -> dict[str, Any]:
        """The fields of a SALE."""
        before_fen, self.value_fen, self.tmc = self.value_fen, self.value_fen - amount_fen, self.tmc + 1
        record = layout.log_record(kiosk_no, *number, amount_fen, self.value_fen, NOW_S)
        tmi = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, before_fen, amount_fen, record)
        values = {"uid": self.uid, "issue": 1, "amount_fen": amount_fen, "tmc": self.tmc}
        proof = {"tmv": tmac.tmv(self.key, self.uid, self.tmc, tmi)}
        return values | proof | {"value_fen": self.value_fen, "happened_s": NOW_S}


class World:
    """Made by `running`."""

    def __init__(self, folder: Path, broker: Broker, database: Postgres | None, leash: Leash) -> None:
        self.data = folder / "data"
        self.broker = broker
        self.database = database
        self.leash = leash
        self.told = threading.Condition()
        self.shop: Shop = open_shop(self.data, None if database is None else database.create("books"))
        self.cards = [self._card() for _ in range(CARDS)]
        self.host = Host(self.data, broker.port, leash)
        self.falls = 0
        self.tills = [Till(self.shop.kiosk(f"K{n}"), broker.port, self.told) for n in range(1, TILLS + 1)]
        self.restart_host()  # the intake reads its kiosks when it starts
        self.settle()

    @property
    def acknowledged(self) -> int:
        """Sales, ever."""
        return sum(till.told for till in self.tills)

    def sell(self, chance: random.Random) -> int:
        """A crowd of customers: sales at all tills, each reported alone or with others. How many."""
        count, size = chance.randint(4, 40), chance.choice([1, 1, 8, 32])
        sold: dict[int, list[int]] = {}
        with self.told:
            for _ in range(count):
                till, card = chance.choice(self.tills), chance.choice(self.cards)
                number = till.side.next_number()
                till.open[number[1]] = card.pay(till.side.given["number"], number, chance.randint(1, 9))
                sold.setdefault(till.side.given["number"], []).append(number[1])
        for till in self.tills:
            counters = sold.get(till.side.given["number"], [])
            for at in range(0, len(counters), size):
                till.send(counters[at : at + size])
        return count

    def wait(self, acknowledged: int) -> None:
        """Until so many sales were acknowledged; tills ask again meanwhile."""
        deadline_s = time.monotonic() + SECONDS
        while True:
            with self.told:
                enough = self.told.wait_for(lambda: self.acknowledged >= acknowledged, ASK_AGAIN_S)
            faults = [fault for till in self.tills for fault in till.faults]
            assert not faults, "; ".join(faults)
            if enough:
                return
            assert time.monotonic() < deadline_s, f"{acknowledged - self.acknowledged} are never acknowledged"
            for till in self.tills:
                till.again()

    def settle(self) -> None:
        """Until every journal is empty."""
        self.wait(self.acknowledged + sum(len(till.open) for till in self.tills))

    def victims(self) -> list[str]:
        """Whom a round may kill; the more often, the more it has to do with money."""
        if self.falls >= FALLS_MAX:
            return ["supervisor"]
        return (
            ["intake"] * 4
            + ["supervisor", "broker", "broker"]
            + ["database"] * 3 * (self.database is not None)
        )

    def kill(self, victim: str) -> None:
        """kill -9, and start again what nobody else does."""
        if victim == "supervisor":
            self.restart_host()
        elif victim == "intake":
            self.falls += 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.host.pid("intake"), signal.SIGKILL)
        elif victim == "broker":
            self.broker.kill()
            self.broker.start()
        else:
            assert self.database is not None
            self.falls += 1  # the intake ends when it loses its lease
            self.database.kill()
            self.database.start()

    def restart_host(self) -> None:
        """kill -9 of the supervisor, which takes the others along, and a new host."""
        former = [self.host.process.pid, self.host.pid("intake"), self.host.pid("web")]
        self.host.process.kill()
        self.host.process.wait(SECONDS)
        until(lambda: all(gone(pid) for pid in former))
        self.host.close()
        self.host = Host(self.data, self.broker.port, self.leash)
        self.falls = 0

    def close(self) -> None:
        for till in self.tills:
            till.stop()
        self.host.close()
        self.shop.opened.database.close()

    def _card(self) -> Card:
        uid = self.shop.card(LOADED_FEN).uid
        tmc, value_fen = self.shop.look(purse.last_move, uid, 1)
        return Card(uid, self.shop.opened.keeper.tmac_key(uid, 1, 1), tmc, value_fen)


@contextlib.contextmanager
def running(folder: Path, engine: str, broker_kind: str | None) -> Iterator[World]:
    """A world that ends with the block. engine: "sqlite" or "postgres"; broker_kind: see Broker."""
    with ExitStack() as ending:
        leash = Leash()
        ending.callback(leash.close)
        broker = Broker(folder, leash, broker_kind)
        broker.start()
        ending.callback(broker.stop)
        database = ending.enter_context(postgres.temporary()) if engine == "postgres" else None
        world = World(folder, broker, database, leash)
        ending.callback(world.close)
        yield world
