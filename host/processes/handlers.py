"""What the intake does for the web: one handler a call of host.intercom.calls.

The web process has no right of its own. A call that changes something carries the operator's token, and what
was asked is read with its limits here, where the keys and the books are.
"""

import base64
from collections.abc import Mapping
from typing import Any

from host import fields, operators
from host.cards import hotlist, registry
from host.cards.desk import Desk
from host.cards.loads import LoadUnknown
from host.cards.personalise import NotPersonalisable
from host.cards.readers import CardGone, NoCard, ReaderError
from host.cards.registry import RegistryError
from host.errors import Refused
from host.intercom.server import Handler
from host.operators import Operator
from host.service import Service
from host.terminals.kiosks import LANGUAGES, OFFLINE_TOTAL_FEN, VERDICT_WAIT_MS, Config
from protocol.card.apdu import CardError
from protocol.card.layout import VALUE_FEN_MAX
from protocol.card.purse import NotOurs
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


class Handlers:
    """The calls over a started Service. asked: {token, body} or {token, uid}."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def table(self) -> Mapping[str, Handler]:
        """{name of the call: its handler}"""
        return {
            "health": self.health,
            "presence": self.presence,
            "rejections": self.rejections,
            "register kiosk": self.register_kiosk,
            "issue card": self.issue_card,
            "report lost": self.report_lost,
            "booked": self.booked,
        }

    def health(self, _asked: dict[str, Any]) -> dict[str, bool]:
        """{ok, mqtt}; ok: what is reported is booked, as far as we know."""
        return {"ok": self._service.intake.writes, "mqtt": self._service.line.connected}

    def booked(self, _asked: dict[str, Any]) -> bool:
        """An ingest worker has booked something: whoever waits for news looks."""
        self._service.database.bell.ring()
        return True

    def presence(self, _asked: dict[str, Any]) -> list[str]:
        """Names of the kiosks that say they are online."""
        line = self._service.line
        return [kiosk.name for kiosk in self._service.kiosks.all() if line.is_present(kiosk.name)]

    def rejections(self, _asked: dict[str, Any]) -> dict[str, Any]:
        """{counts, sample}"""
        return self._service.intake.rejections.to_json()

    def register_kiosk(self, asked: dict[str, Any]) -> dict[str, Any]:
        """{name, number, bundle, new}; bundle in base64."""
        operator = self._operator(asked)
        content = fields.known(asked["body"], KIOSK_FIELDS)
        name = content.get("name")
        if not isinstance(name, str) or not envelope.is_kiosk_name(name):
            raise Refused(400, "field", "name must be 1 to 32 ASCII letters, digits, - or _.")
        config = _config(content)
        host = fields.text(content, "broker_host", 1, HOST_MAX, self._service.broker[0])
        port = fields.integer(content, "broker_port", 1, messages.U16, self._service.broker[1])
        ssid = fields.text(content, "ssid", 1, SSID_MAX, DEFAULT_SSID)
        password = fields.text(content, "password", 0, PASSWORD_MAX, "")
        self._not_full()
        kiosk, is_new = self._service.kiosks.register(name, config, operator.owner)
        self._service.intake.push()
        made = self._service.kiosks.bundle(kiosk, host, port, ssid, password)
        bundle = base64.b64encode(made).decode()
        return {"name": kiosk.name, "number": kiosk.number, "bundle": bundle, "new": is_new}

    def issue_card(self, asked: dict[str, Any]) -> dict[str, object]:
        """registry.to_json() of the card."""
        operator = self._operator(asked)
        content = fields.known(asked["body"], ("reader", "amount_fen"))
        reader = fields.text(content, "reader", 1, 255)
        amount_fen = fields.integer(content, "amount_fen", 0, VALUE_FEN_MAX)
        if amount_fen > operator.load_limit_fen:
            sentence = f"amount_fen is above what {operator.name} may load: {operator.load_limit_fen}."
            raise Refused(403, "limit", sentence)
        return _issue(self._service, reader, amount_fen, operator.owner)

    def report_lost(self, asked: dict[str, Any]) -> dict[str, Any]:
        """registry.to_json() of the card; asked twice, done once."""
        who = self._operator(asked).owner
        uid = fields.uid(asked["uid"])
        self._not_full()
        with self._service.database.write() as connection:
            card = registry.known(connection, uid)
            if card.state != "lost":
                try:
                    registry.become(connection, card, "lost", who)
                except RegistryError as error:
                    raise Refused(409, error.code, str(error)) from None
                hotlist.add(connection, uid, "reported lost", who)
            answer = registry.to_json(connection, registry.known(connection, uid))
        self._service.intake.push()
        return answer

    def _operator(self, asked: dict[str, Any]) -> Operator:
        with self._service.database.read() as connection:
            return operators.must_be(connection, asked.get("token"))

    def _not_full(self) -> None:
        """Before anything is done: what changes has to be told to the kiosks, through the intake's queue."""
        if self._service.intake.busy:
            raise Refused(
                503, "busy", "The intake is busy with what kiosks report: nothing was done, ask again."
            )


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


def _issue(service: Service, reader: str, amount_fen: int, who: str) -> dict[str, object]:
    try:
        with service.reader(reader) as connection:
            return Desk(service.database, service.keeper, connection, who).issue(amount_fen)
    except NoCard as error:
        raise Refused(409, "no-card", str(error)) from None
    except ReaderError as error:
        raise Refused(503, "reader", str(error)) from None
    except RegistryError as error:
        raise Refused(409, error.code, str(error)) from None
    except NotPersonalisable as error:
        raise Refused(409, "foreign-card", str(error)) from None
    except LoadUnknown as error:
        raise Refused(409, "load-pending", str(error)) from None
    except CardGone:
        raise Refused(
            409, "card-gone", "The card left too early: put it back and ask for the same again."
        ) from None
    except (CardError, NotOurs) as error:
        raise Refused(422, "card", f"The card does not do what it should: {error}.") from None
