"""The second person: what waits for one, and the answer."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from host import operators
from host.db.engine import Database
from host.desk import approvals
from host.errors import Refused
from host.intercom.client import Caller
from host.web import forms, keys

SHOWN_MAX = 50
ID_MAX = 2**62


def routes(blueprint: Blueprint, database: Database, intake: Caller, _readers: tuple[str, ...]) -> None:
    """Hang the routes into the blueprint."""

    def page(error: Refused | None, number: int | None = None, reason: str = "") -> str:
        with database.read() as connection:
            found = approvals.newest(connection, ID_MAX, SHOWN_MAX)
        waits = [one for one in found if one["state"] == "waits"]
        rest = [one for one in found if one["state"] != "waits"]
        key = keys.new()
        return render_template(
            "approvals.html", waits=waits, rest=rest, refused=error, number=number, reason=reason, key=key
        )

    @blueprint.get("/approvals")
    def second() -> ResponseReturnValue:
        return page(None)

    @blueprint.post("/approvals/<int(max=4611686018427387904):number>")
    def answer(number: int) -> ResponseReturnValue:
        operators.must(g.operator, "approve")
        reason, yes = request.form.get("reason", "").strip(), request.form.get("yes")
        if yes not in ("yes", "no") or not forms.is_reason(reason):
            raise Refused(400, "form", "Say yes or no, with at most a line of why.")
        body = {"approval": number, "yes": yes == "yes"} | ({"reason": reason} if reason else {})
        try:
            intake.call("desk approve", token=g.token, key=keys.of(request.form), body=body)
        except Refused as refused:
            if refused.status == 401:
                raise
            return page(refused, number, reason), refused.status
        return redirect(url_for("web.second"), 303)
