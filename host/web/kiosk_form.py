"""The form of a kiosk's configuration: which fields, how they are filled in, and what they become."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from host.terminals.fleet import config_form, config_text
from host.terminals.fleet.configs import Config
from host.web import shown

GROUPS = {  # as they stand on the page: {group: {field: kind}}
    "sells": {"mode": "choice", "price_fen": "yuan", "prices": "lines", "max_fen": "yuan", "way": "choice"},
    "open": {"hours": "lines", "quiet": "text", "utc_offset_min": "text"},
    "words": {"title": "text", "language": "choice"},
    "alone": {
        "offline_total_fen": "yuan",
        "offline_card_fen": "yuan",
        "offline_card_count": "number",
        "offline_max_age_h": "number",
        "verdict_wait_ms": "number",
    },
}
KINDS = {name: kind for group in GROUPS.values() for name, kind in group.items()}
USUAL = {field.name: field.default for field in fields(Config)}
WRONG = "kiosk-"  # and the field: what may stand there


def filled(config: Mapping[str, Any]) -> dict[str, str]:
    """A configuration, as the API tells it, in the words of the form."""
    values = {name: _text(name, config[name]) for name in KINDS}
    if config["price_fen"] == config_form.NEVER_TYPED and config["mode"] != "fixed":
        values["price_fen"] = ""
    return values


def read(given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(fields of a configuration, {field: key of its error}); what is empty has its usual value."""
    body: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in KINDS:
        raw = given.get(name, "").replace("\r\n", "\n").strip()
        value = _value(name, raw) if raw else _usual(name)
        low, high = config_form.NUMBERS.get(name, (0, 0))
        if value is None or (name in config_form.NUMBERS and not low <= value <= high):
            errors[name] = WRONG + name
        body[name] = value
    if body["mode"] == "list" and not body["prices"]:
        errors["prices"] = WRONG + "prices"
    if body["mode"] != "fixed" and not given.get("price_fen", "").strip():
        del body["price_fen"]  # it stays as it is
        errors.pop("price_fen", None)
    return body, errors


def _usual(name: str) -> Any:
    if name in config_form.LISTS:
        return []
    return None if name in ("price_fen", *config_form.CHOICES) else USUAL[name]


def _value(name: str, raw: str) -> Any:
    """None for what cannot be read."""
    if name in _READ:
        return _READ[name](raw)
    if KINDS[name] == "yuan":
        return shown.fen(raw)
    if KINDS[name] == "number":
        return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 11 else None
    return raw if name not in config_form.CHOICES or raw in config_form.CHOICES[name] else None


def _hours(raw: str) -> list[list[int]] | None:
    spans = [config_text.span(line) for line in raw.splitlines() if line.strip()]
    whole = [span for span in spans if span is not None]
    return whole if len(whole) == len(spans) else None


def _prices(raw: str) -> list[list[Any]] | None:
    """Lines of LABEL = YUAN."""
    made: list[list[Any]] = []
    for line in filter(str.strip, raw.splitlines()):
        label, _, price = line.replace("＝", "=").rpartition("=")
        fen = shown.fen(price)
        low, high = config_form.NUMBERS["price_fen"]
        if not label.strip() or fen is None or not low <= fen <= high:
            return None
        made.append([label.strip(), fen])
    return made


def _text(name: str, value: Any) -> str:
    if name == "prices":
        return "\n".join(f"{label} = {_bare(fen)}" for label, fen in value)
    if name == "hours":
        return "\n".join(map(config_text.span_text, value))
    if name == "quiet":
        return config_text.span_text(value)
    if name == "utc_offset_min":
        return config_text.offset_text(value)
    return _bare(value) if KINDS[name] == "yuan" else str(value)


def _bare(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


_READ: dict[str, Callable[[str], Any]] = {
    "hours": _hours,
    "quiet": config_text.span,
    "prices": _prices,
    "utc_offset_min": config_text.offset_min,
}
