"""The first page: find a card, what is unfinished, what waits."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from host import clock, operators
from host.cards import waiting
from host.db.engine import Database
from host.desk import past, shifts, stays
from host.intercom.client import Caller
from host.web import keys

ROWS_MAX = 20


def routes(blueprint: Blueprint, database: Database, intake: Caller, _readers: tuple[str, ...]) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        now_s, name = clock.now_s(), g.operator.name
        with database.read() as connection:
            shift = shifts.open_shift(connection, name)
            return render_template(
                "home.html",
                drawer=None if shift is None else shifts.to_json(connection, shift),
                unfinished=past.unfinished(connection, name, now_s),
                waiting=waiting.all_(connection, now_s)[:ROWS_MAX],
                inside=stays.inside(connection, ROWS_MAX),
                key=keys.new(),
            )

    @blueprint.get("/find")
    def find() -> ResponseReturnValue:
        return redirect(url_for("web.card", name=request.args.get("card", "").strip() or "-"), 303)

    @blueprint.post("/read")
    def read() -> ResponseReturnValue:
        if not g.reader:
            return redirect(url_for("web.reader", next=url_for("web.home")), 303)
        operators.must(g.operator, "look")
        key = keys.of(request.form)
        found = intake.call("desk look", token=g.token, key=key, body={"reader": g.reader})
        if found.get("known"):
            return redirect(url_for("web.card", name=found["uid"]), 303)
        return redirect(url_for("web.act", name="issue", new=found["uid"]), 303)
