"""/kiosks and what the intake refused."""

from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from host.api import asked
from host.cards import hotlist
from host.db.connection import Connection
from host.db.engine import Database
from host.intercom.client import Caller
from host.ledger import wanted
from host.terminals import kiosks, revoked, sequences


def routes(blueprint: Blueprint, database: Database, intake: Caller) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.post("/kiosks")
    def register_kiosk() -> ResponseReturnValue:
        made = intake.call("register kiosk", token=g.token, body=asked.body())
        status = 201 if made.pop("new") else 200
        return jsonify(made), status

    @blueprint.post("/kiosks/<name>/revoke")
    def revoke_kiosk(name: str) -> ResponseReturnValue:
        return jsonify(intake.call("revoke kiosk", token=g.token, body=asked.body(), kiosk=name))

    @blueprint.get("/kiosks")
    def all_kiosks() -> ResponseReturnValue:
        present = set(intake.call("presence"))
        with database.read() as connection:
            return jsonify(
                [
                    _to_json(connection, number, name, name in present)
                    for number, name in kiosks.names(connection)
                ]
            )

    @blueprint.get("/intake")
    def refused() -> ResponseReturnValue:
        return jsonify(refused=intake.call("rejections"))


def _to_json(connection: Connection, number: int, name: str, present: bool) -> dict[str, Any]:
    session = kiosks.session_row(connection, number)
    seen = sequences.epochs(connection, number)
    return {
        "name": name,
        "number": number,
        "revoked": number in revoked.numbers(connection),
        "connected": present,
        "firmware": session["firmware"],
        "config": {
            "newest": kiosks.newest_config(connection, number)[0],
            "confirmed": session["config_confirmed"],
        },
        "hotlist": {
            "newest": hotlist.version(connection),
            "confirmed": session["hotlist_confirmed"],
            "confirmed_at": session["hotlist_at_s"],
        },
        "waiting": {"newest": wanted.version(connection), "confirmed": session["waiting_confirmed"]},
        "epoch": session["epoch"],
        "last_counter": seen.get(session["epoch"], 0),
        "gaps": sequences.gaps(connection, number),
        "unsettled": sequences.unsettled(connection, number),
    }
