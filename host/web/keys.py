"""The key of a form: sent twice, what it asks for is done once."""

import secrets
from collections.abc import Mapping

from host.desk.acts import KEY_MAX


def new() -> str:
    """For a form that is shown for the first time, or whose act did nothing."""
    return f"page-{secrets.token_hex(12)}"


def of(form: Mapping[str, str]) -> str:
    """The one that a form came with; a new one where that is no key."""
    key = form.get("key", "")
    return key if 0 < len(key) <= KEY_MAX and key.isascii() and key.isprintable() else new()
