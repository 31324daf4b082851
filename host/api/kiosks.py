"""/kiosks and what the intake refused."""

import base64
from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from host.api import fields
from host.api.errors import ApiError
from host.cards import hotlist
from host.service import Service
from host.terminals import kiosks, sequences
from host.terminals.kiosks import LANGUAGES, OFFLINE_TOTAL_FEN, VERDICT_WAIT_MS, Config, Kiosk
from protocol.wire import envelope, messages
from protocol.wire.bundle import HOST_MAX, PASSWORD_MAX, SSID_MAX

KNOWN = (
    "name",
    "price_fen",
    "language",
    "verdict_wait_ms",
    "offline_total_fen",
    "broker_host",
    "broker_port",
    "ssid",
    "password",
)

DEFAULT_SSID = "tapledger"


def routes(blueprint: Blueprint, service: Service) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.post("/kiosks")
    def register_kiosk() -> ResponseReturnValue:
        content = fields.body(KNOWN)
        name = content.get("name")
        if not isinstance(name, str) or not envelope.is_kiosk_name(name):
            raise ApiError(400, "field", "name must be 1 to 32 ASCII letters, digits, - or _.")
        config = _config(content)
        host = fields.text(content, "broker_host", 1, HOST_MAX, service.broker[0])
        port = fields.integer(content, "broker_port", 1, messages.U16, service.broker[1])
        ssid = fields.text(content, "ssid", 1, SSID_MAX, DEFAULT_SSID)
        password = fields.text(content, "password", 0, PASSWORD_MAX, "")
        kiosk, is_new = service.kiosks.register(name, config, g.operator.owner)
        service.intake.push()
        made = service.kiosks.bundle(kiosk, host, port, ssid, password)
        answer = jsonify(name=kiosk.name, number=kiosk.number, bundle=base64.b64encode(made).decode())
        return answer, 201 if is_new else 200

    @blueprint.get("/kiosks")
    def all_kiosks() -> ResponseReturnValue:
        return jsonify([_to_json(service, kiosk) for kiosk in service.kiosks.all()])

    @blueprint.get("/intake")
    def refused() -> ResponseReturnValue:
        return jsonify(refused=service.intake.rejections.to_json())


def _config(content: dict[str, Any]) -> Config:
    language = content.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise ApiError(400, "field", f"language must be one of {', '.join(LANGUAGES)}.")
    return Config(
        price_fen=fields.integer(content, "price_fen", 1, messages.AMOUNT_FEN_MAX),
        language=language,
        verdict_wait_ms=fields.integer(content, "verdict_wait_ms", 0, 5000, VERDICT_WAIT_MS),
        offline_total_fen=fields.integer(content, "offline_total_fen", 0, messages.U32, OFFLINE_TOTAL_FEN),
    )


def _to_json(service: Service, kiosk: Kiosk) -> dict[str, Any]:
    with service.database.read() as connection:
        session = kiosks.session_row(connection, kiosk.number)
        seen = sequences.epochs(connection, kiosk.number)
        return {
            "name": kiosk.name,
            "number": kiosk.number,
            "connected": service.line.is_present(kiosk.name),
            "firmware": session["firmware"],
            "config": {
                "newest": kiosks.newest_config(connection, kiosk.number)[0],
                "confirmed": session["config_confirmed"],
            },
            "hotlist": {"newest": hotlist.version(connection), "confirmed": session["hotlist_confirmed"]},
            "epoch": session["epoch"],
            "last_counter": seen.get(session["epoch"], 0),
            "gaps": sequences.gaps(connection, kiosk.number),
            "unsettled": sequences.unsettled(connection, kiosk.number),
        }
