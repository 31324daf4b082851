"""Which fields the form of an act has, and how what a person typed becomes what the act is asked with."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from host.cards.registry import PURSE
from host.desk.words import CHOICES, NUMBERS, REASON_MAX, SUM_FEN_MAX
from host.web import shown

YUAN, TEXT, NUMBER, CHOICE, FLAG, HIDDEN = "yuan", "text", "number", "choice", "flag", "hidden"
DATE, TIME = "date", "time"  # a browser has inputs of its own for them, or a person types 2026-12-31, 16:00
_SHAPES = {DATE: re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), TIME: re.compile(r"\d\d:\d\d", re.ASCII)}
AT_READER = "reader"  # of a field `where`: the card is on the reader


class Field(NamedTuple):
    """One field. name: as the act has it; `where` chooses whether the act is asked with the reader."""

    name: str
    kind: str
    needed: bool = True
    choices: tuple[str, ...] = ()


class Form(NamedTuple):
    """reader: always, never, or as `where` says (None). of_card: it is about one card, ?card=."""

    fields: tuple[Field, ...]
    reader: bool | None = False
    of_card: bool = True


REASON, UID = Field("reason", TEXT), Field("uid", HIDDEN)
COUNTED, AMOUNT = Field("counted_fen", YUAN), Field("amount_fen", YUAN)
EXPOSURE = Field("accept_exposure", FLAG, needed=False)

FORMS = {
    "open-drawer": Form((COUNTED, Field("from_shift", NUMBER, needed=False)), of_card=False),
    "count-drawer": Form((COUNTED,), of_card=False),
    "close-drawer": Form((COUNTED, Field("hand_over", FLAG, needed=False)), of_card=False),
    "move-cash": Form(
        (AMOUNT, *(Field(name, CHOICE, choices=CHOICES[name]) for name in ("way", "place")), REASON),
        of_card=False,
    ),
    "issue": Form(
        (Field("kind", CHOICE, choices=CHOICES["kind"]), Field("amount_fen", YUAN, needed=False)),
        reader=True,
        of_card=False,
    ),
    "top-up": Form((UID, AMOUNT, Field("where", CHOICE, choices=(AT_READER, "later"))), reader=None),
    "collect": Form((), reader=True),
    "cancel-top-up": Form((UID, REASON)),
    "lost": Form((UID, REASON)),
    "replace": Form((UID, REASON, EXPOSURE), reader=True),
    "refund": Form(
        (UID, Field("where", CHOICE, choices=(AT_READER, "absent")), REASON, EXPOSURE), reader=None
    ),
    "refund-sale": Form((Field("last_sale", HIDDEN), Field("amount_fen", YUAN, needed=False)), reader=True),
    "pass": Form(
        (
            *(UID, Field("visits", NUMBER, needed=False), Field("minutes", NUMBER, needed=False)),
            *(Field("stay_min", NUMBER, needed=False), Field("until", DATE, needed=False)),
            *(Field("opens", TIME, needed=False), Field("closes", TIME, needed=False)),
            *(Field("amount_fen", YUAN, needed=False), REASON),
        )
    ),
    "cancel-pass": Form((UID, Field("pass", HIDDEN), REASON)),
    "close-stay": Form((UID, Field("minutes", NUMBER, needed=False), REASON)),
    "void": Form((UID, REASON)),
    "hot": Form((UID, REASON)),
    "unlist": Form((UID, REASON)),
}


def fields_for(name: str, card: dict[str, Any] | None) -> tuple[Field, ...]:
    """Those that make sense for this card: looking.card(), or None."""
    left_out = set()
    if card is not None:
        if card["kind"] != PURSE or (name == "refund" and card["state"] != "active"):
            left_out.add("where")  # nothing is written on it
        if not card["exposed"]:
            left_out.add("accept_exposure")
    return tuple(field for field in FORMS[name].fields if field.name not in left_out)


def read(
    name: str, card: dict[str, Any] | None, given: Mapping[str, str], reader: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """(what the act is asked with, {field: key of its error})"""
    body: dict[str, Any] = {}
    errors: dict[str, str] = {}
    at_reader = FORMS[name].reader
    for field in fields_for(name, card):
        raw = given.get(field.name, "").strip()
        if field.name == "where":
            at_reader = raw == AT_READER
        if field.kind == FLAG:
            body |= {field.name: True} if raw else {}
        elif not raw:
            errors |= {field.name: f"missing-{field.kind}"} if field.needed else {}
        elif (value := _value(field, raw)) is None:
            errors[field.name] = f"bad-{field.kind}"
        elif field.name != "where":
            body[field.name] = value
    if at_reader:
        body["reader"] = reader
    return body, errors | _limits(body) | (_no_pass(body, errors) if name == "pass" else {})


def _value(field: Field, raw: str) -> Any:
    if field.kind == YUAN:
        return shown.fen(raw)
    if field.kind in _SHAPES:
        return raw if _SHAPES[field.kind].fullmatch(raw) else None
    if field.kind == NUMBER or field.name in NUMBERS:
        return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 18 else None
    if field.kind == CHOICE:
        return raw if raw in field.choices else None
    return raw if is_reason(raw) else None


def is_reason(text: str) -> bool:
    """A line that an act takes."""
    return text.isprintable() and len(text.encode("utf-8", "replace")) <= REASON_MAX


def _limits(body: dict[str, Any]) -> dict[str, str]:
    errors = {}
    for field, value in body.items():
        low, high = NUMBERS.get(field, (0, SUM_FEN_MAX)) if isinstance(value, int) else (0, 0)
        if field.endswith("_fen") and not low <= value <= high:
            errors[field] = "bad-sum"
        elif field in NUMBERS and not low <= value <= high:
            errors[field] = f"bad-{field}"
    return errors


def _no_pass(body: dict[str, Any], errors: dict[str, str]) -> dict[str, str]:
    """What is missing of a pass, beside single fields."""
    found = {}
    if not {"visits", "minutes", "until"} & {*body, *errors}:
        found["visits"] = "missing-pass"
    if "visits" in body and "minutes" in body:
        found["minutes"] = "two-passes"
    for one, other in (("opens", "closes"), ("closes", "opens")):
        if one in body and other not in {*body, *errors}:
            found[other] = "missing-time"
    return found
