"""What verify finds against the books of a shop."""

from host.ledger import verify
from tests.host.rig import Shop


def faults(shop: Shop) -> dict[str, str]:
    """{name of the broken promise: rows}"""
    result = shop.look(verify.verify)
    broken = {check["name"]: check["detail"] for check in result["checks"] if not check["ok"]}
    assert result["ok"] == (not broken)
    return broken
