"""Coming and going: login, logout, the language, the reader of this desk."""

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from host import clock
from host.db.engine import Database
from host.errors import Refused
from host.intercom.client import Caller
from host.web import session, texts

READER_MAX = 255


def routes(blueprint: Blueprint, _database: Database, intake: Caller, readers: tuple[str, ...]) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.route("/login", methods=["GET", "POST"])
    def login() -> ResponseReturnValue:
        leads = session.safe(request.values.get("next"))
        if request.method == "GET":
            return _login(leads, "expired" if request.args.get("expired") else None, None, "")
        name = request.form.get("name", "").strip()
        password = request.form.get("password", "")
        if not name or not password:
            return _login(leads, "fill-in", None, name), 400
        try:
            made = intake.call("login", body={"name": name, "password": password})
        except Refused as refused:
            return _login(leads, None, refused, name), refused.status
        answer = make_response(redirect(leads, 303))
        session.keep(answer, session.TOKEN, made["token"], max(0, made["expires_s"] - clock.now_s()))
        return answer

    @blueprint.post("/logout")
    def logout() -> ResponseReturnValue:
        intake.call("logout", token=g.token)
        answer = make_response(redirect(url_for("web.login"), 303))
        session.keep(answer, session.TOKEN, "")
        return answer

    @blueprint.get("/language/<name>")
    def language(name: str) -> ResponseReturnValue:
        if name not in texts.LANGUAGES:
            raise Refused(404, "no-page", f"There is no language {name[:20]}.")
        answer = make_response(redirect(session.safe(request.args.get("next")), 303))
        session.keep(answer, session.LANGUAGE, name, session.YEAR_S)
        return answer

    @blueprint.route("/reader", methods=["GET", "POST"])
    def reader() -> ResponseReturnValue:
        leads = session.safe(request.values.get("next"))
        if request.method == "GET":
            names = offered(intake, readers)
            return render_template("reader.html", readers=names, leads=leads, typed="", error=None)
        chosen = request.form.get("reader", "").strip()
        typed = request.form.get("typed", "").strip()
        name = typed if chosen == "" else chosen
        if not is_reader(name):
            given = {"readers": offered(intake, readers), "leads": leads, "typed": typed}
            return render_template("reader.html", **given, error="bad-reader"), 400
        answer = make_response(redirect(leads, 303))
        session.keep(answer, session.READER, name, session.YEAR_S)
        return answer


def offered(intake: Caller, readers: tuple[str, ...]) -> list[str]:
    """Names to choose from: those of `serve`, then what the intake finds here and on clerks' PCs."""
    try:
        found = [str(one["name"]) for one in intake.call("readers")]
    except Refused:  # away: a name can be typed all the same
        found = []
    return [name for name in dict.fromkeys([*readers, *found]) if is_reader(name)]


def is_reader(name: str) -> bool:
    """Could it name a reader? Whether it is there, the intake finds out."""
    kind, _, rest = name.partition(":")
    fit = name.isascii() and name.isprintable() and len(name) <= READER_MAX and not set(name) & set(';,"\\')
    return fit and (name == "usb" or (kind in ("tty", "pcsc", "terminal") and bool(rest)))


def _login(leads: str, note: str | None, refused: Refused | None, name: str) -> str:
    return render_template("login.html", leads=leads, note=note, refused=refused, name=name)
