"""`python -m tests.bench.peers`: the peers and the baselines alone, as JSON {name: transfers per second}."""

import json
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from simulator import postgres
from tests.bench import peers
from tests.bench.ledger_baselines import SqliteOneByOne


def main() -> int:
    """Exit 1 with a sentence when there is nothing to compare with."""
    with (
        tempfile.TemporaryDirectory(prefix="tapledger-bench-") as folder,
        closing(SqliteOneByOne(Path(folder))) as sqlite,
        postgres.temporary() as server,
    ):
        rates = peers.hordak(server.create("hordak"), beside={"sqlite one by one": sqlite.run})
    if isinstance(rates, str):
        print(rates, file=sys.stderr)
        return 1
    print(json.dumps({name: round(rate) for name, rate in rates.items()}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
