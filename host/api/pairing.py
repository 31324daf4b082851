"""/kiosks/NAME/pair and /pair/IDENTIFIER: a kiosk without a bundle gets the one sealed for its code."""

import base64
import ipaddress
import threading

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from host.api import asked
from host.db.engine import Database
from host.errors import Refused
from host.intercom.client import Caller
from host.pace import Paces

# A kiosk that waits asks every two seconds: this many wait behind one address, and everywhere.
SPAN_S = 10.0
ASKS_MAX, ASKS_MAX_TOGETHER = 20 * 5, 100 * 5
ADDRESSES_MAX = 1000


def routes(blueprint: Blueprint, database: Database, intake: Caller) -> None:
    """Hang the routes into the blueprint."""
    lock, paces = threading.Lock(), Paces(ASKS_MAX, ASKS_MAX_TOGETHER, SPAN_S, ADDRESSES_MAX)

    @blueprint.post("/kiosks/<name>/pair")
    def pair_kiosk(name: str) -> ResponseReturnValue:
        made = intake.call("pair kiosk", token=g.token, body=asked.body(), kiosk=name)
        return jsonify(made), 201 if made.pop("new") else 200

    @blueprint.get("/kiosks/<name>/pair")
    def pairing_fetched(name: str) -> ResponseReturnValue:
        return jsonify(intake.call("pairing fetched", token=g.token, kiosk=name))

    @blueprint.get("/pair/<pairing>")
    def fetch_pairing(pairing: str) -> ResponseReturnValue:
        """For a kiosk that has no bundle, and so no token. Who asks too often does not reach the intake."""
        with lock:
            may_ask = paces.admit(_asker())
        if not may_ask:
            raise Refused(429, "busy", "Too many kiosks ask for their bundle at once: they try again.")
        sealed = intake.call("pairing", pairing=pairing[:16])["sealed"]
        if sealed is None:
            raise Refused(404, "no-pairing", "Nobody has typed the code of this kiosk.")
        return base64.b64decode(sealed), 200, {"Content-Type": "application/octet-stream"}


def _asker() -> str:
    """From where: we listen on this machine alone, so whoever is elsewhere came by a proxy here. What that
    named last it saw itself; what stands before came from outside. Of IPv6 the network of one line."""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return request.remote_addr or ""
    if isinstance(address, ipaddress.IPv6Address):  # one line has 2 to the 64th of them
        address = address.ipv4_mapped or ipaddress.IPv6Address(int(address) >> 64 << 64)
    return str(address)
