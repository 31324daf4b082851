"""The published vectors, by operation."""

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "data" / "vectors" / "card.json"
_ALL: list[dict[str, Any]] = json.loads(_FILE.read_text())


def vectors(op: str) -> list[Any]:
    """Cases of one operation for parametrize: (in, out) with hex strings as bytes. Never empty."""
    cases = [(_bytes(case["in"]), _bytes(case["out"])) for case in _ALL if case["op"] == op]
    assert cases, f"no vector for {op}"
    return cases


def _bytes(values: dict[str, Any]) -> dict[str, Any]:
    text = ("comm", "op")
    return {k: bytes.fromhex(v) if isinstance(v, str) and k not in text else v for k, v in values.items()}
