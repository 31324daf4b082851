"""Registering kiosks, and revoking them."""

import base64
from typing import Any

from host import fields
from host.errors import Refused
from host.processes.handlers.asked import Asked, Task
from host.terminals import revoked
from host.terminals.kiosks import LANGUAGES, OFFLINE_TOTAL_FEN, VERDICT_WAIT_MS, Config
from protocol.wire import envelope, messages
from protocol.wire.bundle import HOST_MAX, PASSWORD_MAX, SSID_MAX

KIOSK_FIELDS = (
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


def register_kiosk(asked: Asked) -> dict[str, Any]:
    """{name, number, bundle, new}; bundle in base64."""
    service = asked.service
    content = asked.body(*KIOSK_FIELDS)
    name = content.get("name")
    if not isinstance(name, str) or not envelope.is_kiosk_name(name):
        raise Refused(400, "field", "name must be 1 to 32 ASCII letters, digits, - or _.")
    config = _config(content)
    host = fields.text(content, "broker_host", 1, HOST_MAX, service.broker[0])
    port = fields.integer(content, "broker_port", 1, messages.U16, service.broker[1])
    ssid = fields.text(content, "ssid", 1, SSID_MAX, DEFAULT_SSID)
    password = fields.text(content, "password", 0, PASSWORD_MAX, "")
    asked.not_full()
    kiosk, is_new = service.kiosks.register(name, config, asked.operator.owner)
    service.intake.push()
    bundle = base64.b64encode(service.kiosks.bundle(kiosk, host, port, ssid, password)).decode()
    return {"name": kiosk.name, "number": kiosk.number, "bundle": bundle, "new": is_new}


def revoke_kiosk(asked: Asked) -> dict[str, Any]:
    """{name, revoked: was it not before?}"""
    content = asked.body("reason")
    reason = fields.text(content, "reason", 1, 200, "stolen")
    name = str(asked.fields["kiosk"])
    with asked.service.database.write() as connection:
        new = revoked.revoke(connection, name, reason, asked.operator.owner)
    return {"name": name, "revoked": new}


def _config(content: dict[str, Any]) -> Config:
    language = content.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise Refused(400, "field", f"language must be one of {', '.join(LANGUAGES)}.")
    return Config(
        price_fen=fields.integer(content, "price_fen", 1, messages.AMOUNT_FEN_MAX),
        language=language,
        verdict_wait_ms=fields.integer(content, "verdict_wait_ms", 0, 5000, VERDICT_WAIT_MS),
        offline_total_fen=fields.integer(content, "offline_total_fen", 0, messages.U32, OFFLINE_TOTAL_FEN),
    )


HANDLERS: dict[str, Task] = {"register kiosk": register_kiosk, "revoke kiosk": revoke_kiosk}
