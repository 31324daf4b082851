"""What kiosks said that is not booked.

/suspects: what the books keep apart, and cards that only such words know. /open-sales: of which nobody knows
how they ended. /refusals: what is none of this protocol.
"""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from host.api import asked
from host.cards import registry
from host.db.connection import Row
from host.db.engine import Database
from host.intercom.client import Caller
from host.ledger import told
from host.terminals.doubt import open_sales, suspects
from host.terminals.doubt.open_sales import OpenSale
from protocol.wire import messages

SUSPECTS_MAX = 200


def routes(blueprint: Blueprint, database: Database, _intake: Caller) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.get("/suspects")
    def kept_apart() -> ResponseReturnValue:
        with database.read() as connection:
            rows = suspects.newest(connection, *_page())
            flags = registry.flags_of_unknown(connection, SUSPECTS_MAX)
        return jsonify(suspects=[_to_json(row) for row in rows], unknown_cards=[_flag(row) for row in flags])

    @blueprint.get("/open-sales")
    def sales_left_open() -> ResponseReturnValue:
        limit = asked.query_integer("limit", 1, SUSPECTS_MAX, SUSPECTS_MAX)
        with database.read() as connection:
            found = open_sales.newest(connection, limit)
        return jsonify(sales=[_open_sale(one) for one in found])

    @blueprint.get("/refusals")
    def kept_refusals() -> ResponseReturnValue:
        with database.read() as connection:
            rows = suspects.refused(connection, *_page())
        return jsonify(refusals=[_refusal(row) for row in rows])


def _page() -> tuple[int, int]:
    """(rows before this id, at most so many), as the query asks."""
    return (
        asked.query_integer("before", 1, asked.ID_MAX, asked.ID_MAX),
        asked.query_integer("limit", 1, SUSPECTS_MAX, SUSPECTS_MAX),
    )


def _refusal(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "kiosk": row["name"],
        "number": f"{row['epoch']}.{row['counter']}",
        "code": row["code"],
        "sentence": row["sentence"],
        "content": bytes(row["content"]).hex(),
        "received": row["received_s"],
    }


def _to_json(row: Row) -> dict[str, Any]:
    kind, values = told.read(bytes(row["body"]))
    return {
        "id": row["id"],
        "kiosk": row["name"],
        "number": f"{row['epoch']}.{row['counter']}",
        "kind": messages.MESSAGES[kind][0],
        "reason": row["reason"],
        "uid": values["uid"].hex().upper() if "uid" in values else None,
        "amount_fen": values.get("amount_fen"),
        "received": row["received_s"],
        "settled": None if row["booked"] is None else bool(row["booked"]),
    }


def _open_sale(sale: OpenSale) -> dict[str, Any]:
    return {
        "sale": sale.number,
        "uid": sale.uid.hex().upper(),
        "issue": sale.issue,
        "amount_fen": sale.amount_fen,
        "happened": sale.happened_s,
    }


def _flag(row: Row) -> dict[str, Any]:
    return {
        "uid": row["uid"].hex().upper(),
        "issue": row["issue"],
        "flag": row["flag"],
        "detail": row["detail"],
        "at": row["at_s"],
    }
