"""/kiosks, /readers, and what the intake refused."""

from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from host.api import asked
from host.cards import allow_list, hotlist
from host.db.connection import Connection
from host.db.engine import Database
from host.intercom.client import Caller
from host.ledger import wanted
from host.terminals.fleet import breakdowns, configs, exposure, kiosks, revoked
from host.terminals.reported import sequences


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

    @blueprint.patch("/kiosks/<name>/config")
    def configure_kiosk(name: str) -> ResponseReturnValue:
        return jsonify(intake.call("configure kiosk", token=g.token, body=asked.body(), kiosk=name))

    @blueprint.get("/kiosks/<name>/config")
    def kiosk_config(name: str) -> ResponseReturnValue:
        with database.read() as connection:
            kiosks.must_be(connection, name)
            return jsonify(configs=configs.history(connection, name))

    @blueprint.get("/kiosks")
    def all_kiosks() -> ResponseReturnValue:
        present = set(intake.call("presence"))
        with database.read() as connection:
            stale = dict(exposure.stale(connection))
            known = [_to_json(connection, *one) for one in kiosks.names(connection)]
        here = [{"connected": one["name"] in present, "stale": one["name"] in stale} for one in known]
        return jsonify([one | more for one, more in zip(known, here, strict=True)])

    @blueprint.post("/readers")
    def register_reader() -> ResponseReturnValue:
        made = intake.call("register reader", token=g.token, body=asked.body())
        status = 201 if made.pop("new") else 200
        return jsonify(made), status

    @blueprint.get("/readers")
    def readers() -> ResponseReturnValue:
        return jsonify(readers=intake.call("readers"))

    @blueprint.get("/intake")
    def refused() -> ResponseReturnValue:
        return jsonify(refused=intake.call("rejections"))


def _to_json(connection: Connection, number: int, name: str) -> dict[str, Any]:
    session = kiosks.session_row(connection, number)
    seen = sequences.epochs(connection, number)
    version, _ = configs.newest(connection, number)
    return {
        "name": name,
        "number": number,
        "revoked": number in revoked.numbers(connection),
        "firmware": session["firmware"],
        "fault": breakdowns.newest(connection, number),
        "config": {
            "newest": version,
            "confirmed": session["config_confirmed"],
            "rejected": configs.rejection(connection, number, version),
        },
        "hotlist": {
            "newest": hotlist.version(connection),
            "confirmed": session["hotlist_confirmed"],
            "confirmed_at": session["hotlist_at_s"],
        },
        "allowed": {"newest": allow_list.version(connection), "confirmed": session["allowed_confirmed"]},
        "lists_at": session["lists_at_s"],
        "waiting": {"newest": wanted.version(connection), "confirmed": session["waiting_confirmed"]},
        "epoch": session["epoch"],
        "last_counter": seen.get(session["epoch"], 0),
        "gaps": sequences.gaps(connection, number),
        "unsettled": sequences.unsettled(connection, number),
    }
