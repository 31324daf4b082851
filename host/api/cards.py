"""/cards: issue, recover, look up, report lost."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from host import fields
from host.api import asked
from host.cards import registry
from host.db.engine import Database
from host.intercom.client import Caller


def routes(blueprint: Blueprint, database: Database, intake: Caller) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.post("/cards")
    def issue_card() -> ResponseReturnValue:
        return jsonify(intake.call("issue card", token=g.token, body=asked.body())), 201

    @blueprint.post("/cards/recover")
    def recover_card() -> ResponseReturnValue:
        return jsonify(intake.call("recover card", token=g.token, body=asked.body()))

    @blueprint.get("/cards")
    def all_cards() -> ResponseReturnValue:
        with database.read() as connection:
            return jsonify([registry.to_json(connection, card) for card in registry.present(connection)])

    @blueprint.get("/cards/<uid_hex>")
    def one_card(uid_hex: str) -> ResponseReturnValue:
        uid = fields.uid(uid_hex)
        with database.read() as connection:
            return jsonify(registry.to_json(connection, registry.known(connection, uid)))

    @blueprint.post("/cards/<uid_hex>/lost")
    def card_lost(uid_hex: str) -> ResponseReturnValue:
        return jsonify(intake.call("report lost", token=g.token, uid=uid_hex))
