"""Registering kiosks and desk readers, and revoking them; which readers there are for a clerk."""

import base64
from typing import Any

from host import fields
from host.errors import Refused
from host.processes.handlers.asked import Asked, Task
from host.terminals.fleet import config_form, configs, revoked
from host.terminals.fleet.configs import Config
from host.terminals.updates import holds
from protocol.wire import envelope, messages
from protocol.wire.bundle import HOST_MAX, NTP, PASSWORD_MAX, SSID_MAX

KIOSK_FIELDS = ("name", *config_form.FIELDS, "broker_host", "broker_port", "ssid", "password", "ntp")
READER_FIELDS = ("name", "broker_host", "broker_port")
DEFAULT_SSID = "tapledger"


def register_kiosk(asked: Asked) -> dict[str, Any]:
    """{name, number, bundle, new}; bundle in base64."""
    content = asked.body(*KIOSK_FIELDS)
    return registered(asked, content, config_form.read(content, now(asked, content.get("name"))))


def configure_kiosk(asked: Asked) -> dict[str, Any]:
    """{name, version, changed}: what is named changes, and the kiosk is told at once."""
    content, name = asked.body(*config_form.FIELDS), str(asked.fields["kiosk"])
    asked.not_full()
    service = asked.service
    kiosk = service.kiosks.find(name)
    with service.database.write() as connection:
        version, base = (0, None) if kiosk is None else configs.newest(connection, kiosk.number)
        if kiosk is None or base is None:
            raise Refused(404, "unknown-kiosk", f"There is no kiosk {name[:32]}.")
        config = config_form.read(content, base)
        # what a kiosk gave up, as one does whose power failed too often, may be given once more
        changed = config != base or configs.rejection(connection, kiosk.number, version) is not None
        if changed:
            version = configs.add(connection, kiosk.number, config, asked.operator.owner)
    service.intake.push()
    return {"name": name, "version": version, "changed": changed}


def register_reader(asked: Asked) -> dict[str, Any]:
    """The same for a reader on a clerk's PC."""
    return registered(asked, asked.body(*READER_FIELDS), None)


def registered(asked: Asked, content: dict[str, Any], config: Config | None) -> dict[str, Any]:
    """{name, number, bundle, new} of a terminal with this configuration, or a reader: None."""
    service = asked.service
    name = content.get("name")
    if not isinstance(name, str) or not envelope.is_kiosk_name(name):
        raise Refused(400, "field", "name must be 1 to 32 ASCII letters, digits, - or _.")
    host = fields.text(content, "broker_host", 1, HOST_MAX, service.broker[0])
    port = fields.integer(content, "broker_port", 1, messages.U16, service.broker[1])
    ssid = fields.text(content, "ssid", 1, SSID_MAX, DEFAULT_SSID)
    password = fields.text(content, "password", 0, PASSWORD_MAX, "")
    ntp = fields.text(content, "ntp", 0, HOST_MAX, NTP)
    asked.not_full()
    kiosk, is_new = service.kiosks.register(name, config, asked.operator.owner)
    service.intake.push()
    bundle = service.kiosks.bundle(kiosk, host, port, ssid, password, service.tls is not None, ntp=ntp)
    return {
        "name": kiosk.name,
        "number": kiosk.number,
        "bundle": base64.b64encode(bundle).decode(),
        "new": is_new,
    }


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


def hold_update(asked: Asked) -> dict[str, Any]:
    """{name, held: was it not before?}: it is left out of the roll-out that goes on."""
    content, name = asked.body("reason"), str(asked.fields["kiosk"])
    reason = fields.text(content, "reason", 1, 200)
    with asked.service.database.write() as connection:
        _version, new = holds.hold(connection, name, reason, asked.operator.owner)
    return {"name": name, "held": new}


def now(asked: Asked, name: object) -> Config | None:
    """What a kiosk of this name is told by now: it keeps what is not named."""
    kiosk = asked.service.kiosks.find(name) if isinstance(name, str) else None
    if kiosk is None:
        return None
    with asked.service.database.read() as connection:
        return configs.newest(connection, kiosk.number)[1]


HANDLERS: dict[str, Task] = {
    "register kiosk": register_kiosk,
    "register reader": register_reader,
    "configure kiosk": configure_kiosk,
    "revoke kiosk": revoke_kiosk,
    "hold update": hold_update,
    "readers": readers,
}
