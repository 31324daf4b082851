"""Two people for a demo, so that one can ask and the other approve; never in an installation that is not one.

Their passwords are made up and kept beside the demo's passphrase, in `demo-operators` (0600), for whoever
shows the demo.
"""

import json
import secrets
from pathlib import Path

from host import operators, private
from host.db import engine, schema, whereabouts
from host.db.connection import faults
from host.operators import Operator, password

FILE_NAME = "demo-operators"
PEOPLE = (("xiaochen", "clerk", 20_000, 10_000), ("laolin", "owner", 1_000_000, 1_000_000))
WHO = "demo"


def people(data: Path) -> None:
    """Make both. What a killed run has written is used, and has its name only when both are there."""
    path, begun = data.joinpath(FILE_NAME), data.joinpath(f"{FILE_NAME}.new")
    if path.exists():
        return
    if not begun.exists():
        made = [{"name": name, "role": role, "password": _word()} for name, role, _, _ in PEOPLE]
        private.write_new(begun, json.dumps(made).encode() + b"\n")
    words = {one["name"]: one["password"] for one in json.loads(begun.read_text(encoding="utf-8"))}
    database = engine.open_existing(whereabouts.place(data))
    try:
        for name, role, load_fen, refund_fen in PEOPLE:
            with database.read() as connection:
                known = operators.find(connection, name) is not None
            if not known:
                stretched = password.make(words[name])
                with database.write() as connection:
                    operators.add(connection, Operator(name, (role,), load_fen, refund_fen), stretched, WHO)
        begun.rename(path)
    except faults() as error:
        raise schema.unusable(database.name, error) from None
    finally:
        database.close()


def _word() -> str:
    return f"{secrets.randbelow(10**4):04d}-{secrets.randbelow(10**4):04d}"
