"""make crash: as many rounds as you like, on either engine, with either broker."""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from host.cards.keeper import sealed
from tests.crash import rounds
from tests.crash.world import running

WHOLE_EVERY = 50  # rounds: looking all books over costs more the longer they are


def crash(folder: Path, engine: str, broker: str | None, seed: int, count: int) -> Counter[str]:
    """Play in a new folder; how often who was killed. AssertionError."""
    killed: Counter[str] = Counter()
    began_s = time.monotonic()
    with running(folder, engine, broker) as world:
        for number in range(1, count + 1):
            killed[rounds.play(world, seed, number)] += 1
            if number % WHOLE_EVERY == 0 or number == count:
                rounds.books_are_whole(world)
                took_s, sales = time.monotonic() - began_s, world.acknowledged
                print(
                    f"{engine}, {world.broker.kind}: {number} rounds, {sales} sales, {took_s:.0f} s",
                    flush=True,
                )
    return killed


def main() -> int:
    """0 when everything held."""
    parser = argparse.ArgumentParser(prog="make crash ARGS=")
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None, help="of an earlier run; else a new one")
    parser.add_argument(
        "--engine", choices=["sqlite", "postgres"], help="else both: two rounds in three on SQLite"
    )
    parser.add_argument(
        "--broker", choices=["mosquitto", "iotcore"], help="else mosquitto where it is installed"
    )
    asked = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}")
    sealed.KDF = {**sealed.KDF, "iterations": 1, "memory_kib": 64}  # keys are opened at every start
    third = asked.rounds // 3
    shares = (
        {asked.engine: asked.rounds} if asked.engine else {"sqlite": asked.rounds - third, "postgres": third}
    )
    for engine, count in shares.items():
        folder = Path(tempfile.mkdtemp(prefix="tapledger-crash-"))
        try:
            killed = crash(folder, engine, asked.broker, seed, count)
        except AssertionError as error:
            print(error, file=sys.stderr)
            return 1  # the folder stays, to be looked at
        shutil.rmtree(folder)
        print(f"{engine}: nothing lost, nothing twice; killed: {dict(killed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
