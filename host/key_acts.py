"""What is done with the masters takes two persons, and is a row before it is done.

The first has the right to keys, the second the right to approve; neither is the other, nor a machine. A row
says what they wanted: that it was carried out shows in the keys.
"""

from host import clock, operators
from host.db.connection import Connection
from host.db.engine import Database
from host.errors import HostError, Refused
from host.operators import Operator

RIGHTS = ("keys", "approve")  # of the first person, of the second
Login = tuple[str, str]  # name, password


def approved(database: Database, first: Login, second: Login) -> tuple[Operator, Operator]:
    """Both persons. HostError unless they are two, who they say they are, and may."""
    if first[0] == second[0]:
        raise HostError("Two different operators are needed: a second person looks at what the first does.")
    found = []
    for (name, password), right in zip((first, second), RIGHTS, strict=True):
        try:
            operator = operators.authenticate(database, name, password)
            operators.must(operator, right)
        except Refused as refused:
            raise HostError(str(refused)) from None
        found.append(operator)
    return found[0], found[1]


def note(connection: Connection, act: str, detail: str, by: tuple[Operator, Operator]) -> None:
    """The row, before it is done."""
    connection.execute(
        "INSERT INTO key_acts (act, detail, first, second, at_s) VALUES (?, ?, ?, ?, ?)",
        (act, detail, by[0].owner, by[1].owner, clock.now_s()),
    )


def history(connection: Connection) -> list[str]:
    """One line an act, the oldest first."""
    rows = connection.execute("SELECT act, detail, first, second, at_s FROM key_acts ORDER BY id")
    return [
        f"{clock.text(row['at_s'])}  {row['act']}  {row['detail']}  by {row['first']} and {row['second']}"
        for row in rows
    ]
