"""/desk: acts of operators, and what they look at.

POST /desk/ACT with a key of the client's own in Idempotency-Key; 202 while it waits for a second person.
"""

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from host.api import asked
from host.db.engine import Database
from host.desk import approvals, looking, shifts, stays
from host.desk.words import ACTS
from host.errors import Refused
from host.intercom.client import Caller

PAGE_MAX = 100


def routes(blueprint: Blueprint, database: Database, intake: Caller) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.post("/desk/<act>")
    def desk_act(act: str) -> ResponseReturnValue:
        if act not in ACTS:
            raise Refused(404, "unknown-act", f"There is no act {act[:40]}: {', '.join(ACTS)}.")
        key = request.headers.get("Idempotency-Key")
        made = intake.call(f"desk {act}", token=g.token, key=key, body=asked.body())
        return jsonify(made), 202 if "waits" in made else 200

    @blueprint.get("/desk/cards/<name>")
    def desk_card(name: str) -> ResponseReturnValue:
        with database.read() as connection:
            return jsonify(looking.card(connection, looking.named(connection, name)))

    @blueprint.get("/desk/approvals")
    def desk_approvals() -> ResponseReturnValue:
        with database.read() as connection:
            return jsonify(approvals=approvals.newest(connection, *_page()))

    @blueprint.get("/desk/inside")
    def desk_inside() -> ResponseReturnValue:
        with database.read() as connection:
            return jsonify(inside=stays.inside(connection))

    @blueprint.get("/desk/drawers")
    def desk_drawers() -> ResponseReturnValue:
        with database.read() as connection:
            return jsonify(drawers=shifts.newest(connection, *_page()))

    @blueprint.get("/desk/drawer")
    def desk_drawer() -> ResponseReturnValue:
        with database.read() as connection:
            shift = shifts.open_shift(connection, g.operator.name)
            return jsonify(None if shift is None else shifts.to_json(connection, shift))


def _page() -> tuple[int, int]:
    """(rows before this id, at most so many), as the query asks."""
    return (
        asked.query_integer("before", 1, asked.ID_MAX, asked.ID_MAX),
        asked.query_integer("limit", 1, PAGE_MAX, PAGE_MAX),
    )
