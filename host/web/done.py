"""What became of an act: its receipt, or what stands and how it goes on."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from host import clock
from host.db.connection import Connection
from host.db.engine import Database
from host.desk import looking, past
from host.errors import Refused
from host.intercom.client import Caller

# After these something may have been done: the same act, asked again, finishes it.
UNSURE = ("card-gone", "load-pending", "card", "answer-lost", "database", "fault", "key-busy")


def routes(blueprint: Blueprint, database: Database, intake: Caller, _readers: tuple[str, ...]) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.get("/done/<int(max=4611686018427387904):number>", endpoint="done")
    def shown(number: int) -> ResponseReturnValue:
        with database.read() as connection:
            return show(connection, past.find(connection, number), None)

    @blueprint.post("/done/<int(max=4611686018427387904):number>/again")
    def again(number: int) -> ResponseReturnValue:
        with database.read() as connection:
            act = past.find(connection, number)
        if act["operator"] != g.operator.name or act["asked"] is None:
            raise Refused(403, "not-yours", f"{act['operator']} began this: he or she goes on with it.")
        try:
            answer = intake.call(f"desk {act['kind']}", token=g.token, key=act["key"], body=act["asked"])
        except Refused as refused:
            if refused.status == 401:
                raise
            with database.read() as connection:
                return show(connection, past.find(connection, act["act"]), refused), refused.status
        return redirect(url_for("web.done", number=number_of(answer)), 303)


def number_of(answer: dict[str, Any]) -> int:
    """The number of the act whose answer it is."""
    return int(answer["waits"]["act"] if "waits" in answer else answer["act"])


def is_unsure(connection: Connection, act: dict[str, Any], refused: Refused) -> bool:
    """Did an act that was refused leave something, or may it have?"""
    if refused.code in UNSURE:
        return True
    left = past.unfinished(connection, act["operator"], clock.now_s())
    return act["act"] in [one["act"] for one in left]


def show(connection: Connection, act: dict[str, Any], refused: Refused | None) -> str:
    """The receipt of an act that is done, else what stands and how it goes on."""
    if act["answer"] is not None:
        return render_template("receipt.html", act=act, answer=act["answer"], asked=act["asked"] or {})
    return render_template(
        "unfinished.html",
        act=act,
        asked=act["asked"] or {},
        approval=act["approval"],
        card=_card(connection, act["asked"] or {}),
        refused=refused,
        mine=act["operator"] == g.operator.name,
    )


def _card(connection: Connection, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The card that it is about, as it stands now."""
    try:
        return looking.card(connection, looking.named(connection, str(asked.get("uid", ""))))
    except Refused:
        return None
