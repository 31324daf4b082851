"""Fields of a request, read with their limits; what is wrong is answered with the field's name."""

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from host.api.errors import ApiError

ID_MAX = 2**62


def body(known: tuple[str, ...]) -> dict[str, Any]:
    """The request's JSON object; ApiError 400 for anything else or a field nobody knows."""
    try:
        content = request.get_json(force=True)
    except BadRequest:
        raise ApiError(400, "json", "The body is not JSON.") from None
    except RecursionError:
        raise ApiError(400, "json", "The body is JSON within JSON too deeply.") from None
    if not isinstance(content, dict):
        raise ApiError(400, "json", "The body is not a JSON object.")
    for name in content:
        if name not in known:
            raise ApiError(
                400, "field", f"There is no field {str(name)[:40]!r} here; known: {', '.join(known)}."
            )
    return content


def integer(content: dict[str, Any], name: str, low: int, high: int, default: int | None = None) -> int:
    """A whole number in low..high."""
    value = content.get(name, default)
    if type(value) is not int or not low <= value <= high:
        raise ApiError(400, "field", f"{name} must be a whole number from {low} to {high}.")
    return value


def text(content: dict[str, Any], name: str, low: int, high: int, default: str | None = None) -> str:
    """A string of low to high bytes in UTF-8, without control characters."""
    value = content.get(name, default)
    try:
        good = isinstance(value, str) and low <= len(value.encode()) <= high and value.isprintable()
    except UnicodeError:  # half of a surrogate pair, which JSON can carry
        good = False
    if not good:
        raise ApiError(400, "field", f"{name} must be a text of {low} to {high} bytes.")
    assert isinstance(value, str)
    return value


def query_integer(name: str, low: int, high: int, default: int) -> int:
    """The same from the query string."""
    raw = request.args.get(name)
    if raw is None:
        return default
    if not raw.isascii() or not raw.isdecimal() or len(raw) > 18 or not low <= int(raw) <= high:
        raise ApiError(400, "field", f"{name} must be a whole number from {low} to {high}.")
    return int(raw)


def uid(raw: str) -> bytes:
    """A UID in hex, 4 to 10 bytes."""
    try:
        value = bytes.fromhex(raw)
    except ValueError:
        value = b""
    if not 4 <= len(value) <= 10:
        raise ApiError(400, "field", "uid must be 4 to 10 bytes in hex.")
    return value
