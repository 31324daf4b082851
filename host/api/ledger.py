"""/ledger, /alarms and /verify: looking at the books."""

import json
import threading
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from host import alarms
from host.api import asked
from host.db.engine import Database
from host.errors import Refused
from host.intercom.client import Caller
from host.ledger import lines, verify

ALARMS_MAX = 200
STREAMS_MAX = 12  # each holds a thread of the server
KEEP_ALIVE_S = 15.0


def routes(blueprint: Blueprint, database: Database, _intake: Caller) -> None:
    """Hang the routes into the blueprint."""
    places = threading.BoundedSemaphore(STREAMS_MAX)

    @blueprint.get("/ledger/lines")
    def ledger_lines() -> ResponseReturnValue:
        after = asked.query_integer("after", 0, asked.ID_MAX, 0)
        limit = asked.query_integer("limit", 1, lines.LINES_MAX, 100)
        with database.read() as connection:
            return jsonify(lines=lines.after(connection, after, limit), last=lines.last(connection))

    @blueprint.get("/ledger/stream")
    def ledger_stream() -> ResponseReturnValue:
        after = asked.query_integer("after", 0, asked.ID_MAX, 0)
        if not places.acquire(blocking=False):
            raise Refused(503, "streams", f"{STREAMS_MAX} streams are open already; close one.")
        response = Response(events(database, after), mimetype="text/event-stream")
        response.call_on_close(places.release)
        response.headers["Cache-Control"] = "no-store"
        return response

    @blueprint.get("/alarms")
    def raised_alarms() -> ResponseReturnValue:
        before = asked.query_integer("before", 1, asked.ID_MAX, asked.ID_MAX)
        limit = asked.query_integer("limit", 1, ALARMS_MAX, ALARMS_MAX)
        with database.read() as connection:
            return jsonify(alarms=alarms.newest(connection, before, limit))

    @blueprint.post("/verify")
    def hold_promises() -> ResponseReturnValue:
        return jsonify(verify.verify(database))


def events(database: Database, after: int) -> Iterator[str]:
    """Lines above `after` as server-sent events, then each new one when committed, until the bell closes."""
    cursor = lines.Cursor(after)
    yield ": open\n\n"
    while True:
        seen = database.bell.count
        with database.read() as connection:
            found = cursor.next(connection)
        for line in found:
            yield f"id: {line['id']}\nevent: line\ndata: {json.dumps(line, ensure_ascii=False)}\n\n"
        if len(found) >= lines.LINES_MAX:
            continue
        if database.bell.closed:
            return
        if not database.bell.wait(seen, KEEP_ALIVE_S) and not database.bell.closed:
            yield ": still here\n\n"
