"""Pairing a kiosk by the code on its screen; what is sealed for it is fetched without a token."""

import base64
from typing import Any

from host import fields
from host.errors import Refused
from host.processes.handlers import kiosks
from host.processes.handlers.asked import Asked, Task
from host.terminals.fleet import config_form, pairing, revoked
from protocol.wire import pairing as wire

FIELDS = ("code", *config_form.FIELDS, "broker_host", "broker_port", "ntp")
CODE_MAX = 64


def pair(asked: Asked) -> dict[str, Any]:
    """{name, number, new}: the bundle is sealed for who shows this code, for ten minutes."""
    content, name = asked.body(*FIELDS), str(asked.fields["kiosk"])
    try:
        secret = wire.secret_of(fields.text(content, "code", 1, CODE_MAX))
    except wire.PairingError as error:
        raise Refused(400, "code", f"No kiosk shows this: {error}. Type what stands on its screen.") from None
    if asked.service.line.is_present(name) and not _is_revoked(asked, name):
        sentence = f"{name} is connected: choose another name, or revoke it first if that one is gone."
        raise Refused(409, "kiosk-connected", sentence)
    asked.service.offers.must_have_room(name)
    content = {field: value for field, value in content.items() if field != "code"} | {"name": name}
    made = kiosks.registered(asked, content, config_form.read(content, kiosks.now(asked, name)))
    identifier = asked.service.offers.put(name, secret, base64.b64decode(made.pop("bundle")))
    with asked.service.database.write() as connection:
        pairing.note(connection, made["number"], identifier, asked.operator.owner)
    return made


def _is_revoked(asked: Asked, name: str) -> bool:
    """A thief who stays connected does not keep the name: it gets another secret."""
    kiosk = asked.service.kiosks.find(name)
    with asked.service.database.read() as connection:
        return kiosk is not None and kiosk.number in revoked.numbers(connection)


def fetch(asked: Asked) -> dict[str, Any]:
    """{sealed}: base64, or null while nobody typed this kiosk's code."""
    try:
        identifier = bytes.fromhex(str(asked.fields.get("pairing")))
    except ValueError:
        identifier = b""
    sealed = asked.service.offers.fetch(identifier)
    return {"sealed": None if sealed is None else base64.b64encode(sealed).decode()}


def fetched(asked: Asked) -> dict[str, Any]:
    """{fetched}: did the kiosk take what was sealed last? null: nothing is sealed for this name now."""
    return {"fetched": asked.service.offers.fetched(str(asked.fields["kiosk"]))}


HANDLERS: dict[str, Task] = {"pair kiosk": pair, "pairing": fetch, "pairing fetched": fetched}
