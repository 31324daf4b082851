"""What an HTTP request carries: its JSON object, and numbers in its query string."""

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from host.errors import Refused

ID_MAX = 2**62


def body() -> dict[str, Any]:
    """The request's JSON object; Refused 400 for anything else."""
    try:
        content = request.get_json(force=True)
    except BadRequest:
        raise Refused(400, "json", "The body is not JSON.") from None
    except RecursionError:
        raise Refused(400, "json", "The body is JSON within JSON too deeply.") from None
    if not isinstance(content, dict):
        raise Refused(400, "json", "The body is not a JSON object.")
    return content


def query_integer(name: str, low: int, high: int, default: int) -> int:
    """A whole number in low..high from the query string."""
    raw = request.args.get(name)
    if raw is None:
        return default
    if not raw.isascii() or not raw.isdecimal() or len(raw) > 18 or not low <= int(raw) <= high:
        raise Refused(400, "field", f"{name} must be a whole number from {low} to {high}.")
    return int(raw)
