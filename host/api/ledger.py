"""/ledger, /alarms and /verify: looking at the books."""

import json
import threading
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from host import alarms
from host.api import fields
from host.api.errors import ApiError
from host.db.engine import Database
from host.ledger import lines, verify
from host.service import Service

ALARMS_MAX = 200
STREAMS_MAX = 12  # each holds a thread of the server
KEEP_ALIVE_S = 15.0


def routes(blueprint: Blueprint, service: Service) -> None:
    """Hang the routes into the blueprint."""
    places = threading.BoundedSemaphore(STREAMS_MAX)

    @blueprint.get("/ledger/lines")
    def ledger_lines() -> ResponseReturnValue:
        after = fields.query_integer("after", 0, fields.ID_MAX, 0)
        limit = fields.query_integer("limit", 1, lines.LINES_MAX, 100)
        with service.database.read() as connection:
            return jsonify(lines=lines.after(connection, after, limit), last=lines.last(connection))

    @blueprint.get("/ledger/stream")
    def ledger_stream() -> ResponseReturnValue:
        after = fields.query_integer("after", 0, fields.ID_MAX, 0)
        if not places.acquire(blocking=False):
            raise ApiError(503, "streams", f"{STREAMS_MAX} streams are open already; close one.")
        response = Response(events(service.database, after), mimetype="text/event-stream")
        response.call_on_close(places.release)
        response.headers["Cache-Control"] = "no-store"
        return response

    @blueprint.get("/alarms")
    def raised_alarms() -> ResponseReturnValue:
        before = fields.query_integer("before", 1, fields.ID_MAX, fields.ID_MAX)
        limit = fields.query_integer("limit", 1, ALARMS_MAX, ALARMS_MAX)
        with service.database.read() as connection:
            return jsonify(alarms=alarms.newest(connection, before, limit))

    @blueprint.post("/verify")
    def hold_promises() -> ResponseReturnValue:
        return jsonify(verify.verify(service.database, service.keeper.ledger_mac))


def events(database: Database, after: int) -> Iterator[str]:
    """Lines above `after` as server-sent events, then each new one when committed, until the bell closes."""
    yield ": open\n\n"
    while True:
        seen = database.bell.count
        with database.read() as connection:
            found = lines.after(connection, after)
        for line in found:
            after = line["id"]
            yield f"id: {after}\nevent: line\ndata: {json.dumps(line, ensure_ascii=False)}\n\n"
        if len(found) == lines.LINES_MAX:
            continue
        if database.bell.closed:
            return
        if not database.bell.wait(seen, KEEP_ALIVE_S) and not database.bell.closed:
            yield ": still here\n\n"
