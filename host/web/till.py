"""The till: one's own drawer, its counts, and the shifts before."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from host import operators
from host.db.engine import Database
from host.desk import shifts
from host.intercom.client import Caller

SHIFTS_MAX = 10
ID_MAX = 2**62


def routes(blueprint: Blueprint, database: Database, _intake: Caller, _readers: tuple[str, ...]) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.get("/till")
    def till() -> ResponseReturnValue:
        operators.must(g.operator, "drawer")
        with database.read() as connection:
            shift = shifts.open_shift(connection, g.operator.name)
            drawer = None if shift is None else shifts.to_json(connection, shift)
            before = shifts.newest(connection, ID_MAX, SHIFTS_MAX)
        return render_template("till.html", drawer=drawer, shifts=[one for one in before if not one["open"]])
