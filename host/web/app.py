"""The pages hung into the host's application: who asks, in which language, and what an error looks like."""

from typing import Any

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter

from host import operators
from host.db.engine import Database
from host.errors import Refused, refusal
from host.intercom.client import Caller
from host.web import acts, cards, done, entry, home, kiosks, second, session, texts, till
from host.web.shown import FILTERS

RETRY_AFTER_S = 2
OPEN = ("web.login", "web.language", "web.static")  # asked without a session
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
MODULES = (entry, home, cards, acts, done, till, second, kiosks)  # each hangs its routes into the blueprint


def hang(app: Flask, database: Database, intake: Caller, readers: tuple[str, ...] = ()) -> None:
    """The pages at / of the application. readers: names to choose from, beside one that is typed."""
    blueprint = Blueprint(
        "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )
    _before(blueprint, database)
    _after(blueprint)
    _errors(blueprint)
    for name, shown in FILTERS.items():
        app.add_template_filter(shown, name)
    for module in MODULES:
        module.routes(blueprint, database, intake, readers)

    app.url_map.converters["outside"] = Outside

    @blueprint.route("/<outside:unknown>", methods=["GET", "POST"])
    def nothing(unknown: str) -> ResponseReturnValue:
        raise Refused(404, "no-page", f"There is no page {unknown[:60]}.")

    app.register_blueprint(blueprint)


class Outside(PathConverter):
    """Any path but those of the API, whose errors are for programs."""

    regex = r"(?!api/)[^/].*?"


def _before(blueprint: Blueprint, database: Database) -> None:
    @blueprint.before_request
    def who() -> ResponseReturnValue | None:
        session.open_(request)
        g.operator = None
        if g.token:
            with database.read() as connection:
                g.operator = operators.by_token(connection, g.token)
        if request.method == "POST":
            session.must_be_our_form(request)
        if request.endpoint in OPEN:
            return None
        if g.operator is None:
            return _to_login(ended=bool(g.token))
        operators.must(g.operator, "look")
        return None

    @blueprint.context_processor
    def words() -> dict[str, Any]:
        operator = g.get("operator")
        return {
            "t": texts.speaker(g.get("language", texts.FIRST)),
            "language": g.get("language", texts.FIRST),
            "languages": texts.LANGUAGES,
            "here": g.get("here", "/"),
            "csrf": g.get("csrf", ""),
            "reader": g.get("reader", ""),
            "operator": operator,
            "may": lambda right: operator is not None and operators.may(operator, right),
        }


def _after(blueprint: Blueprint) -> None:
    @blueprint.after_request
    def guard(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        if request.endpoint != "web.static":
            answer.headers["Cache-Control"] = "no-store"
            answer.headers["Vary"] = "Cookie, Accept-Language"
            session.keep_visit(answer)
        if answer.status_code in (429, 503):
            answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer


def _errors(blueprint: Blueprint) -> None:
    """Every error is a page with a sentence that says what to do."""

    @blueprint.errorhandler(HTTPException)
    def of_http(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        return _page(Refused(code, f"http-{code}", error.description or error.name))

    @blueprint.errorhandler(Exception)
    def of_ours(error: Exception) -> ResponseReturnValue:
        refused = refusal(error, request.path)
        if refused.status == 401:  # the session ended while the form was filled in
            return _to_login(ended=True)
        return _page(refused)


def _to_login(ended: bool) -> ResponseReturnValue:
    return redirect(url_for("web.login", next=g.here, expired=1 if ended else None), 303)


def _page(refused: Refused) -> ResponseReturnValue:
    return make_response(render_template("error.html", refused=refused), refused.status)
