"""/waiting and /cards/UID/waiting: top-ups taken for cards that are not there."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from host import clock
from host.api import asked
from host.cards import waiting
from host.db.engine import Database
from host.intercom.client import Caller


def routes(blueprint: Blueprint, database: Database, intake: Caller) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.post("/cards/<uid_hex>/waiting")
    def take(uid_hex: str) -> ResponseReturnValue:
        return jsonify(intake.call("take top-up", token=g.token, uid=uid_hex, body=asked.body())), 201

    @blueprint.delete("/cards/<uid_hex>/waiting")
    def give_back(uid_hex: str) -> ResponseReturnValue:
        return jsonify(intake.call("give top-up back", token=g.token, uid=uid_hex))

    @blueprint.get("/waiting")
    def all_waiting() -> ResponseReturnValue:
        with database.read() as connection:
            return jsonify(waiting.all_(connection, clock.now_s()))
