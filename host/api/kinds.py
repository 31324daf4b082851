"""/cards of the kinds that hold no money themselves: account and plain cards."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from host.api import asked
from host.db.engine import Database
from host.intercom.client import Caller


def routes(blueprint: Blueprint, database: Database, intake: Caller) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.post("/cards/account")
    def issue_account_card() -> ResponseReturnValue:
        return jsonify(intake.call("issue account card", token=g.token, body=asked.body())), 201

    @blueprint.post("/cards/plain")
    def register_plain_card() -> ResponseReturnValue:
        return jsonify(intake.call("register plain card", token=g.token, body=asked.body())), 201

    @blueprint.post("/cards/identify")
    def identify_card() -> ResponseReturnValue:
        return jsonify(intake.call("identify card", token=g.token, body=asked.body()))

    @blueprint.post("/cards/<uid_hex>/load")
    def load_card(uid_hex: str) -> ResponseReturnValue:
        return jsonify(intake.call("load card", token=g.token, uid=uid_hex, body=asked.body()))

    @blueprint.post("/cards/<uid_hex>/terms")
    def set_terms(uid_hex: str) -> ResponseReturnValue:
        return jsonify(intake.call("set card terms", token=g.token, uid=uid_hex, body=asked.body()))
