"""The Flask application: blueprint /api/v1, one form of error, one check of the operator's token."""

from flask import Blueprint, Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from host import VERSION, operators
from host.api import cards, desk, kinds, kiosks, ledger, logins, pairing, suspects, till, waiting
from host.db.engine import Database
from host.errors import Refused, refusal
from host.intercom.client import Caller

BODY_MAX = 64 * 1024
RETRY_AFTER_S = 2  # an intake that died is back by then, as a rule
OPEN = ("api.health", "api.login", "api.fetch_pairing")  # asked without a token
MODULES = (
    logins,
    kiosks,
    pairing,
    cards,
    desk,
    kinds,
    ledger,
    suspects,
    waiting,
    till,
)  # each hangs its routes into the blueprint


def create_app(database: Database, intake: Caller) -> Flask:
    """The WSGI application. database: the books, to look at; intake: whom to ask for everything else."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

    @blueprint.get("/health")
    def health() -> ResponseReturnValue:
        try:
            state = intake.call("health")
        except Refused:
            state = {"ok": False, "mqtt": False}
        return jsonify(version=VERSION, **state), 200 if state["ok"] else 503

    @blueprint.before_request
    def authorise() -> None:
        if request.endpoint not in OPEN:
            g.token = _token()
            with database.read() as connection:
                g.operator = operators.must_be(connection, g.token)
            operators.must(g.operator, "look")

    @blueprint.after_request
    def ask_again(answer: Response) -> Response:
        if answer.status_code in (429, 503):
            answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer

    for module in MODULES:
        module.routes(blueprint, database, intake)
    app.register_blueprint(blueprint)
    _error_answers(app)
    return app


def _token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _error_answers(app: Flask) -> None:
    """Every error is {"error": sentence, "code": word}."""

    @app.errorhandler(HTTPException)
    def of_http(error: HTTPException) -> ResponseReturnValue:
        code = (error.name or "error").lower().replace(" ", "-")
        return jsonify(error=error.description or error.name, code=code), error.code or 500

    @app.errorhandler(Exception)
    def of_ours(error: Exception) -> ResponseReturnValue:
        refused = refusal(error, request.path)
        return jsonify(error=str(refused), code=refused.code), refused.status
