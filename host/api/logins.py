"""/login, /logout and /me: who asks."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from host.api import asked
from host.db.engine import Database
from host.intercom.client import Caller


def routes(blueprint: Blueprint, _database: Database, intake: Caller) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.post("/login")
    def login() -> ResponseReturnValue:
        return jsonify(intake.call("login", body=asked.body())), 201

    @blueprint.post("/logout")
    def logout() -> ResponseReturnValue:
        intake.call("logout", token=g.token)
        return "", 204

    @blueprint.get("/me")
    def me() -> ResponseReturnValue:
        return jsonify(g.operator.to_json())
