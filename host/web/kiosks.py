"""Kiosks: which there are, what each works by, what is on its way, and the form that changes it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from host import operators, zone
from host.db.connection import Connection
from host.db.engine import Database
from host.errors import Refused
from host.intercom.client import Caller
from host.terminals.fleet import config_form, configs, kiosks, revoked
from host.terminals.updates import holds
from host.web import forms, kiosk_form

AS_BEFORE = "version"  # of the form: the version that it was filled in from


def routes(blueprint: Blueprint, database: Database, intake: Caller, _readers: tuple[str, ...]) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.get("/kiosks", endpoint="kiosks")
    def all_kiosks() -> ResponseReturnValue:
        operators.must(g.operator, "kiosks")
        present = _present(intake)
        with database.read() as connection:
            found = [_kiosk(connection, name, present) for _, name in kiosks.names(connection)]
        return render_template("kiosks.html", kiosks=found, zone=zone.in_force())

    @blueprint.route("/kiosks/<name>", methods=["GET", "POST"])
    def kiosk(name: str) -> ResponseReturnValue:
        operators.must(g.operator, "kiosks")
        present = _present(intake)
        with database.read() as connection:
            found = _kiosk(connection, name, present)
        newest = found["versions"][0]
        if request.method == "GET":
            return _show(found, kiosk_form.filled(newest["config"]))
        body, errors = kiosk_form.read(request.form)
        if errors:
            return _show(found, request.form, errors), 400
        base = [one for one in found["versions"] if str(one["version"]) == request.form.get(AS_BEFORE)]
        if not base:  # what others changed since cannot be told from what this form changes
            raise Refused(403, "form", "This form is too old: open the page again, fill it in anew.")
        try:
            made = intake.call("configure kiosk", token=g.token, kiosk=name, body=_changed(body, base[0]))
        except Refused as refused:
            if refused.status == 401:
                raise
            return _show(found, request.form, _at_field(refused, body), refused), refused.status
        done = made["version"] if made["changed"] else 0
        return redirect(url_for("web.kiosk", name=name, told=done), 303)

    @blueprint.post("/kiosks/<name>/hold")
    def hold(name: str) -> ResponseReturnValue:
        operators.must(g.operator, "updates")
        reason = request.form.get("reason", "").strip()
        error, refused = "" if reason else "missing-text", None
        if not forms.is_reason(reason):
            error = "bad-text"
        if not error:
            try:
                intake.call("hold update", token=g.token, kiosk=name, body={"reason": reason})
                return redirect(url_for("web.kiosk", name=name), 303)
            except Refused as one:
                if one.status == 401:
                    raise
                refused = one
        present = _present(intake)
        with database.read() as connection:
            found = _kiosk(connection, name, present)
        errors = {"reason": error} if error else {}
        status = refused.status if refused else 400
        return _show(found, kiosk_form.filled(found["versions"][0]["config"]), errors, refused), status


def _present(intake: Caller) -> set[str]:
    try:
        return set(intake.call("presence"))
    except Refused:  # away: what the books hold can be looked at all the same
        return set()


def _kiosk(connection: Connection, name: str, present: set[str]) -> dict[str, Any]:
    """{name, connected, revoked, state, rollout: holds.standing(), versions: configs.history() with the state
    of each, newest first}"""
    versions = configs.history(connection, name)
    number = next((number for number, known in kiosks.names(connection) if known == name), None)
    if number is None or not versions:
        raise Refused(404, "unknown-kiosk", f"There is no kiosk {name[:32]}.")
    confirmed = kiosks.session_row(connection, number)["config_confirmed"] or 0
    for at, one in enumerate(versions):
        one["state"] = _state(one, confirmed, at == 0)
        one["said"] = kiosk_form.filled(one["config"])
    return {
        "name": name,
        "connected": name in present,
        "revoked": number in revoked.numbers(connection),
        "state": versions[0]["state"],
        "rollout": holds.standing(connection, number, name),
        "versions": versions,
    }


def _state(one: dict[str, Any], confirmed: int, is_newest: bool) -> str:
    if one["rejected"] is not None:
        return "rejected"
    if one["version"] == confirmed:
        return "in-force"
    return "under-way" if is_newest else "past"


def _changed(body: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """What differs from what the form was filled in with: all else may have been changed by somebody else."""
    before = kiosk_form.read(base["said"])[0]
    return {name: value for name, value in body.items() if name not in before or before[name] != value}


def _at_field(refused: Refused, body: Mapping[str, Any]) -> dict[str, str]:
    """{field: key of its error} of what the host found in the values."""
    word = str(refused).split(" ", 1)[0]
    places = ["prices" if word == "label" else word]
    if refused.code == "glyphs":
        places = ["title", "prices"] if body["mode"] == "list" else ["title"]
    return {name: kiosk_form.WRONG + name for name in places if name in kiosk_form.KINDS}


def _show(
    found: dict[str, Any],
    values: Mapping[str, str],
    errors: dict[str, str] | None = None,
    refused: Refused | None = None,
) -> str:
    return render_template(
        "kiosk.html",
        kiosk=found,
        groups=kiosk_form.GROUPS,
        choices=config_form.CHOICES,
        values=values,
        errors=errors or {},
        refused=refused,
        base=request.form.get(AS_BEFORE) or found["versions"][0]["version"],
        told=request.args.get("told", ""),
    )
