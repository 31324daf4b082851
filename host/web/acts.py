"""The form of an act: shown, read, asked of the intake; what was typed is kept when it is refused."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from host import operators
from host.db.engine import Database
from host.desk import looking, past
from host.desk.words import ACTS
from host.errors import Refused
from host.intercom.client import Caller
from host.web import done, forms, keys

NOTHING_DONE = ("away", "busy")  # the very same may be asked again


def routes(blueprint: Blueprint, database: Database, intake: Caller, _readers: tuple[str, ...]) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.route("/acts/<name>", methods=["GET", "POST"])
    def act(name: str) -> ResponseReturnValue:
        if name not in forms.FORMS:
            raise Refused(404, "no-page", f"There is no form {name[:40]}.")
        operators.must(g.operator, ACTS[name].right)
        form = forms.FORMS[name]
        if form.reader is not False and not g.reader:
            return redirect(url_for("web.reader", next=_path(name)), 303)
        card = _card(database, request.values.get("card", "")) if form.of_card else None
        if request.method == "GET":
            return _show(name, card, {}, key=keys.new())
        return _ask(database, intake, name, card)


def _path(name: str) -> str:
    card = request.values.get("card")
    return url_for("web.act", name=name, card=card) if card else url_for("web.act", name=name)


def _card(database: Database, name: str) -> dict[str, Any]:
    with database.read() as connection:
        return looking.card(connection, looking.named(connection, name))


def _ask(database: Database, intake: Caller, name: str, card: dict[str, Any] | None) -> ResponseReturnValue:
    given, key = request.form, keys.of(request.form)
    body, errors = forms.read(name, card, given, g.reader)
    if errors:
        return _show(name, card, given, key, errors=errors), 400
    try:
        answer = intake.call(f"desk {name}", token=g.token, key=key, body=body)
    except Refused as refused:
        if refused.status == 401:
            raise
        return _refused(database, name, card, key, refused)
    return redirect(url_for("web.done", number=done.number_of(answer)), 303)


def _refused(
    database: Database, name: str, card: dict[str, Any] | None, key: str, refused: Refused
) -> ResponseReturnValue:
    with database.read() as connection:
        begun = past.by_key(connection, g.operator.name, key)
        if begun is not None and done.is_unsure(connection, begun, refused):
            return done.show(connection, begun, refused), refused.status
    field = str(refused).split(" ", 1)[0]
    errors = {field: "refused"} if refused.code == "field" and field in request.form else {}
    if refused.code not in NOTHING_DONE:
        key = keys.new()
    return _show(name, card, request.form, key, errors=errors, refused=refused), refused.status


def _show(
    name: str,
    card: dict[str, Any] | None,
    given: Mapping[str, str],
    key: str,
    errors: dict[str, str] | None = None,
    refused: Refused | None = None,
) -> str:
    values = dict(given)
    if card is not None:
        values |= {"uid": card["uid"], "last_sale": (card["last_sale"] or {}).get("transaction", "")}
        values["pass"] = request.values.get("pass", "")
    return render_template(
        "act.html",
        name=name,
        act=ACTS[name],
        form=forms.FORMS[name],
        fields=forms.fields_for(name, card),
        card=card,
        values=values,
        errors=errors or {},
        refused=refused,
        key=key,
        new=request.args.get("new", "")[:20],
    )
