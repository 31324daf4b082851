"""Registering kiosks and desk readers, and revoking them; which readers there are for a clerk."""

import base64
from dataclasses import replace
from typing import Any

from host import fields
from host.errors import Refused
from host.processes.handlers.asked import Asked, Task
from host.terminals import revoked
from host.terminals.kiosks import LANGUAGES, Config
from protocol.wire import envelope, messages
from protocol.wire.bundle import HOST_MAX, PASSWORD_MAX, SSID_MAX

CONFIG_MAX = {  # of the fields that have a usual value
    "verdict_wait_ms": 5000,
    "offline_total_fen": messages.U32,
    "offline_card_fen": messages.U32,
    "offline_card_count": messages.U32,
    "offline_max_age_h": messages.AGE_H_MAX,
}
KIOSK_FIELDS = (
    "name",
    "price_fen",
    "language",
    *CONFIG_MAX,
    "broker_host",
    "broker_port",
    "ssid",
    "password",
)
READER_FIELDS = ("name", "broker_host", "broker_port")
DEFAULT_SSID = "tapledger"


def register_kiosk(asked: Asked) -> dict[str, Any]:
    """{name, number, bundle, new}; bundle in base64."""
    content = asked.body(*KIOSK_FIELDS)
    return _registered(asked, content, _config(content))


def register_reader(asked: Asked) -> dict[str, Any]:
    """The same for a reader on a clerk's PC."""
    return _registered(asked, asked.body(*READER_FIELDS), None)


def _registered(asked: Asked, content: dict[str, Any], config: Config | None) -> dict[str, Any]:
    service = asked.service
    name = content.get("name")
    if not isinstance(name, str) or not envelope.is_kiosk_name(name):
        raise Refused(400, "field", "name must be 1 to 32 ASCII letters, digits, - or _.")
    host = fields.text(content, "broker_host", 1, HOST_MAX, service.broker[0])
    port = fields.integer(content, "broker_port", 1, messages.U16, service.broker[1])
    ssid = fields.text(content, "ssid", 1, SSID_MAX, DEFAULT_SSID)
    password = fields.text(content, "password", 0, PASSWORD_MAX, "")
    asked.not_full()
    kiosk, is_new = service.kiosks.register(name, config, asked.operator.owner)
    service.intake.push()
    bundle = base64.b64encode(service.kiosks.bundle(kiosk, host, port, ssid, password)).decode()
    return {"name": kiosk.name, "number": kiosk.number, "bundle": bundle, "new": is_new}


def readers(asked: Asked) -> list[dict[str, Any]]:
    """Of each {name, for other calls; where: terminal or host; online; card: {uid, chip, busy} or null}.

    What lies on a reader of this machine is not known before somebody asks for it: card is None.
    """
    return asked.service.readers()


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
    usual = Config(fields.integer(content, "price_fen", 1, messages.AMOUNT_FEN_MAX), language)
    told: dict[str, Any] = {
        name: fields.integer(content, name, 0, high, getattr(usual, name))
        for name, high in CONFIG_MAX.items()
    }
    return replace(usual, **told)


HANDLERS: dict[str, Task] = {
    "register kiosk": register_kiosk,
    "register reader": register_reader,
    "revoke kiosk": revoke_kiosk,
    "readers": readers,
}
