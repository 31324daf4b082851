"""/kiosks/NAME/charges: what a till asks of a kiosk, and how that went. docs/till.md."""

import threading
import time

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from host.api import asked
from host.db.engine import Database
from host.intercom.client import Caller
from host.terminals.fleet import kiosks
from host.terminals.sales import till_orders

WAIT_S_MAX = 30
WAITING_MAX = 12  # each holds a thread of the server; whoever comes then is answered at once
PAGE_MAX = 100


def routes(blueprint: Blueprint, database: Database, intake: Caller) -> None:
    """Hang the routes into the blueprint."""
    places = threading.BoundedSemaphore(WAITING_MAX)

    @blueprint.post("/kiosks/<name>/charges")
    def charge(name: str) -> ResponseReturnValue:
        key = request.headers.get("Idempotency-Key")
        return jsonify(intake.call("charge", token=g.token, kiosk=name, key=key, body=asked.body())), 201

    @blueprint.post("/kiosks/<name>/charges/<int:number>/cancel")
    def cancel_charge(name: str, number: int) -> ResponseReturnValue:
        return jsonify(intake.call("cancel charge", token=g.token, kiosk=name, order=number))

    @blueprint.get("/kiosks/<name>/charges")
    def charges(name: str) -> ResponseReturnValue:
        limit = asked.query_integer("limit", 1, PAGE_MAX, 20)
        with database.read() as connection:
            kiosks.must_be(connection, name)
            found = till_orders.newest(connection, name, limit)
            return jsonify(charges=[till_orders.to_json(connection, order) for order in found])

    @blueprint.get("/kiosks/<name>/charges/<int:number>")
    def one_charge(name: str, number: int) -> ResponseReturnValue:
        wait_s = asked.query_integer("wait_s", 0, WAIT_S_MAX, 0)
        was = request.args.get("state")
        may_wait = wait_s > 0 and places.acquire(blocking=False)
        try:
            return jsonify(_looked(database, name, number, was, wait_s if may_wait else 0))
        finally:
            if may_wait:
                places.release()


def _looked(database: Database, name: str, number: int, was: str | None, wait_s: int) -> dict[str, object]:
    """The charge, once it is over, its state is not `was` (the first one seen without it), or time is up."""
    until_s = time.monotonic() + wait_s
    while True:
        seen = database.bell.count
        with database.read() as connection:
            found = till_orders.to_json(connection, till_orders.find(connection, name, number))
        was = was or str(found["state"])
        left_s = until_s - time.monotonic()
        over = found["state"] not in (*till_orders.OPEN, till_orders.UNKNOWN)
        if over or found["state"] != was or left_s <= 0 or database.bell.closed:
            return found
        database.bell.wait(seen, left_s)
