"""The Flask application: blueprint /api/v1, one form of error, one check of the operator's token."""

import structlog
from flask import Blueprint, Flask, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from host import VERSION, operators
from host.api import cards, kiosks, ledger, suspects
from host.api.errors import ApiError
from host.db.connection import FAULTS
from host.service import Service

BODY_MAX = 64 * 1024
_log = structlog.get_logger()


def create_app(service: Service) -> Flask:
    """The WSGI application over a started Service."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

    @blueprint.get("/health")
    def health() -> ResponseReturnValue:
        alive = service.intake.alive
        return jsonify(ok=alive, mqtt=service.line.connected, version=VERSION), 200 if alive else 503

    @blueprint.before_request
    def authorise() -> None:
        if request.endpoint != "api.health":
            with service.database.read() as connection:
                operator = operators.by_token(connection, _token())
            if operator is None:
                raise ApiError(401, "token", "Send an operator's token: Authorization: Bearer TOKEN.")
            g.operator = operator

    kiosks.routes(blueprint, service)
    cards.routes(blueprint, service)
    ledger.routes(blueprint, service)
    suspects.routes(blueprint, service)
    app.register_blueprint(blueprint)
    _error_answers(app)
    return app


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _error_answers(app: Flask) -> None:
    """Every error is {"error": sentence, "code": word}."""

    @app.errorhandler(ApiError)
    def of_ours(error: ApiError) -> ResponseReturnValue:
        return jsonify(error=str(error), code=error.code), error.status

    @app.errorhandler(HTTPException)
    def of_http(error: HTTPException) -> ResponseReturnValue:
        code = (error.name or "error").lower().replace(" ", "-")
        return jsonify(error=error.description or error.name, code=code), error.code or 500

    def of_database(error: Exception) -> ResponseReturnValue:
        _log.error("the books cannot be used", fault=str(error))
        sentence = (
            "The books cannot be used just now. Look up what was done, then ask again for what was not."
        )
        return jsonify(error=sentence, code="database"), 503

    for fault in FAULTS:
        app.register_error_handler(fault, of_database)

    @app.errorhandler(Exception)
    def of_nobody(_error: Exception) -> ResponseReturnValue:
        _log.exception("a request failed", path=request.path)
        return jsonify(error="Something failed here; it is in the log.", code="fault"), 500
