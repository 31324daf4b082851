"""/cards: issue, look up, report lost."""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from host.api import fields
from host.api.errors import ApiError
from host.cards import hotlist, registry
from host.cards.desk import Desk
from host.cards.loads import LoadUnknown
from host.cards.personalise import NotPersonalisable
from host.cards.readers import CardGone, NoCard, ReaderError
from host.cards.registry import RegistryError
from host.db.connection import Connection
from host.operators import Operator
from host.service import Service
from protocol.card.apdu import CardError
from protocol.card.layout import VALUE_FEN_MAX
from protocol.card.purse import NotOurs


def routes(blueprint: Blueprint, service: Service) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.post("/cards")
    def issue_card() -> ResponseReturnValue:
        content = fields.body(("reader", "amount_fen"))
        reader = fields.text(content, "reader", 1, 255)
        amount_fen = fields.integer(content, "amount_fen", 0, VALUE_FEN_MAX)
        operator: Operator = g.operator
        if amount_fen > operator.load_limit_fen:
            sentence = f"amount_fen is above what {operator.name} may load: {operator.load_limit_fen}."
            raise ApiError(403, "limit", sentence)
        return jsonify(_issue(service, reader, amount_fen, operator.owner)), 201

    @blueprint.get("/cards")
    def all_cards() -> ResponseReturnValue:
        with service.database.read() as connection:
            return jsonify([registry.to_json(connection, card) for card in registry.present(connection)])

    @blueprint.get("/cards/<uid_hex>")
    def one_card(uid_hex: str) -> ResponseReturnValue:
        uid = fields.uid(uid_hex)
        with service.database.read() as connection:
            return jsonify(registry.to_json(connection, _find(connection, uid)))

    @blueprint.post("/cards/<uid_hex>/lost")
    def card_lost(uid_hex: str) -> ResponseReturnValue:
        uid = fields.uid(uid_hex)
        who = g.operator.owner
        with service.database.write() as connection:
            card = _find(connection, uid)
            if card.state != "lost":  # asked twice, done once
                try:
                    registry.become(connection, card, "lost", who)
                except RegistryError as error:
                    raise ApiError(409, error.code, str(error)) from None
                hotlist.add(connection, uid, "reported lost", who)
            answer = registry.to_json(connection, _find(connection, uid))
        service.intake.push()
        return jsonify(answer)


def _find(connection: Connection, uid: bytes) -> registry.Card:
    card = registry.newest(connection, uid)
    if card is None:
        raise ApiError(404, "unknown-card", f"There is no card {uid.hex().upper()} in the books.")
    return card


def _issue(service: Service, reader: str, amount_fen: int, who: str) -> dict[str, object]:
    try:
        with service.reader(reader) as connection:
            return Desk(service.database, service.keeper, connection, who).issue(amount_fen)
    except NoCard as error:
        raise ApiError(409, "no-card", str(error)) from None
    except ReaderError as error:
        raise ApiError(503, "reader", str(error)) from None
    except RegistryError as error:
        raise ApiError(409, error.code, str(error)) from None
    except NotPersonalisable as error:
        raise ApiError(409, "foreign-card", str(error)) from None
    except LoadUnknown as error:
        raise ApiError(409, "load-pending", str(error)) from None
    except CardGone:
        raise ApiError(
            409, "card-gone", "The card left too early: put it back and ask for the same again."
        ) from None
    except (CardError, NotOurs) as error:
        raise ApiError(422, "card", f"The card does not do what it should: {error}.") from None
