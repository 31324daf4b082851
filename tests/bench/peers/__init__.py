"""What others pick, on the same PostgreSQL, in the same run. One that cannot be had is skipped with a word.

TigerBeetle is not among them: what pip brings is a client without the server.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from tests.bench.ledger_baselines import PostgresOneByOne
from tests.bench.peers.peer import Peer, running
from tests.environments import Unavailable, python_of

HORDAK = Path(__file__).with_name("hordak")
PSYCOPG = "psycopg one by one"
HORDAK_WAYS = {
    "hordak transfer": "plain",
    "hordak transfer, lock and balance": "locked",
    "hordak transfer, lock and balance in one query": "locked-in-one-query",
}


@contextmanager
def hordak_at(url: str) -> Iterator[Peer]:
    """django-hordak on this empty database, to interleave with others; Unavailable where it cannot be had."""
    with running(python_of(HORDAK), HORDAK / "transfers.py", url) as peer:
        yield peer


def hordak(
    url: str,
    rounds: int = 10,
    transfers: int = 100,
    beside: Mapping[str, Callable[[int], float]] | None = None,
) -> dict[str, float] | str:
    """Transfers per second of django-hordak and of plain psycopg, interleaved, medians of `rounds` slices.

    `url`: an empty database of a PostgreSQL that waits for the disk. `beside`: what else takes its turn in
    each round, name -> function of a count that gives seconds. A sentence instead when hordak cannot be had.
    """
    try:
        with hordak_at(url) as peer, closing(PostgresOneByOne(url)) as plain:
            turns = {**(beside or {}), PSYCOPG: plain.run}
            turns |= {
                name: lambda count, way=way: peer.seconds(way, count) for name, way in HORDAK_WAYS.items()
            }
            return interleaved(turns, rounds, transfers)
    except Unavailable as why:
        return str(why)


def interleaved(turns: Mapping[str, Callable[[int], float]], rounds: int, count: int) -> dict[str, float]:
    """Name -> median of count per second over the rounds; a round before them warms up."""
    rates: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds + 1):
        for name, run in turns.items():
            rates[name].append(count / run(count))
    return {name: statistics.median(samples[1:]) for name, samples in rates.items()}
