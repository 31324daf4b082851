"""/suspects: what kiosks said that the books keep apart, and cards that only such words know."""

import sqlite3
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from host.api import fields
from host.ledger import told
from host.service import Service
from protocol.wire import messages

SUSPECTS_MAX = 200
ID_MAX = 2**62


def routes(blueprint: Blueprint, service: Service) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.get("/suspects")
    def kept_apart() -> ResponseReturnValue:
        before = fields.query_integer("before", 1, ID_MAX, ID_MAX)
        limit = fields.query_integer("limit", 1, SUSPECTS_MAX, SUSPECTS_MAX)
        with service.database.read() as connection:
            rows = connection.execute(
                "SELECT s.*, k.name FROM suspects s JOIN kiosks k ON k.number = s.kiosk WHERE s.id < ?"
                " ORDER BY s.id DESC LIMIT ?",
                (before, limit),
            ).fetchall()
            return jsonify(suspects=[_to_json(row) for row in rows], unknown_cards=_unknown(connection))


def _to_json(row: sqlite3.Row) -> dict[str, Any]:
    kind, values = told.read(row["body"])
    return {
        "id": row["id"],
        "kiosk": row["name"],
        "number": f"{row['epoch']}.{row['counter']}",
        "kind": messages.MESSAGES[kind][0],
        "reason": row["reason"],
        "uid": values["uid"].hex().upper() if "uid" in values else None,
        "amount_fen": values.get("amount_fen"),
        "received": row["received_s"],
    }


def _unknown(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Flags of cards that have no page of their own, because the registry does not know them."""
    rows = connection.execute(
        "SELECT f.uid, f.issue, f.flag, f.detail, f.at_s FROM card_flags f WHERE NOT EXISTS"
        " (SELECT 1 FROM cards c WHERE c.uid = f.uid AND c.issue = f.issue) ORDER BY f.id DESC LIMIT ?",
        (SUSPECTS_MAX,),
    )
    return [
        {
            "uid": row["uid"].hex().upper(),
            "issue": row["issue"],
            "flag": row["flag"],
            "detail": row["detail"],
            "at": row["at_s"],
        }
        for row in rows
    ]
