"""The same engine on PostgreSQL, and what others pick on the same server, in turn with it."""

import contextlib
from pathlib import Path

from host.processes.intake import settle_down
from simulator import postgres
from simulator.leash import Leash
from tests.bench import peers
from tests.bench.figures import Figure
from tests.bench.flood import RECORDS, Flood
from tests.bench.ledger import WAITING, Engine
from tests.bench.stream import Stream

ROUNDS = 8
SLICE = 100  # of those who book one by one
APPLIED, WAITED, SINGLES, JOURNALS = "apply", "waited", "singles", "journals"


def measure(folder: Path) -> list[Figure]:
    """The engine alone, the intake, then end to end through a broker, against a sale, or a transfer, at a
    time."""
    settle_down()
    with (
        postgres.temporary() as server,
        contextlib.closing(Leash()) as leash,
        contextlib.ExitStack() as running,
    ):
        folder.mkdir()
        stream = Stream(Engine(folder / "waiting", server.create("waiting")), 1000)
        running.callback(stream.intake.stop)
        stream.warm()
        flood = Flood(folder, leash, server.create("tapledger"))
        ours = {
            APPLIED: lambda count: flood.engine.apply(flood.engine.batch(1000)) * count,
            WAITED: lambda count: stream.apply(WAITING[1000] // 1000) * count,
            SINGLES: lambda count: flood.singles(2000) * count,
            JOURNALS: lambda count: flood.journals(60) * count,
        }
        found = peers.hordak(server.create("others"), ROUNDS, SLICE, ours)
        flood.close()
    if isinstance(found, str):
        return [Figure(f"django-hordak skipped: {found}", 0, "")]
    hordak, locked = (found[name] for name in list(peers.HORDAK_WAYS)[:2])
    best = max(found[SINGLES], found[JOURNALS])
    return [
        Figure("PostgreSQL one by one", round(found[peers.PSYCOPG]), "/s"),
        Figure("PostgreSQL apply, all on, batch 1000", round(found[APPLIED]), "/s"),
        _ratio("PostgreSQL apply / one by one", found[APPLIED], found[peers.PSYCOPG]),
        _ratio(
            "PostgreSQL intake, batches of 1000 that wait / one by one",
            found[WAITED],
            found[peers.PSYCOPG],
            18,
        ),
        Figure("PostgreSQL flood, single sales", round(found[SINGLES]), "/s"),
        Figure(f"PostgreSQL flood, journals of {RECORDS}", round(found[JOURNALS]), "/s"),
        _ratio("PostgreSQL flood / hordak transfer", best, hordak, 15),
        _ratio("PostgreSQL flood / hordak transfer, lock and balance", best, locked, 40),
    ]


def _ratio(name: str, ours: float, theirs: float, floor: float | None = None) -> Figure:
    return Figure(name, round(ours / theirs, 1), "x", floor=floor)
