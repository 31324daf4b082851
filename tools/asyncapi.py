"""The message table as an AsyncAPI 3.0 document, seen from the kiosk: it sends up, it receives down."""

import json
from typing import Any

from protocol.wire import envelope, kinds, messages, online, topics
from protocol.wire.mac import MAC_SIZE
from protocol.wire.messages import DOWN, MESSAGES, UP
from tools.protocol_words import MEANING, PURPOSE

Tree = dict[str, Any]
Row = tuple[int, str, str, str, int, int, bool]

VERDICT_BALANCE_MAX = 2**53
WIRE = "application/octet-stream"
CHANNELS = {
    "up": [kind for kind, row in MESSAGES.items() if row[1] == UP and kind not in online.RELAYED],
    "relay": list(online.RELAYED),
    "down": [kind for kind, row in MESSAGES.items() if row[1] == DOWN],
}


def document() -> Tree:
    """The whole document as dicts, lists, strings and numbers."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tapledger, kiosk and host",
            "version": str(envelope.VERSION),
            "description": "Each payload is a deterministic CBOR array of seven parts and "
            f"the first {MAC_SIZE} bytes of its HMAC-SHA256. docs/protocol.md explains order and keys.",
        },
        "defaultContentType": WIRE,
        "channels": {**{name: _channel(name) for name in CHANNELS}, "status": _status()},
        "operations": {
            "tell": _operation("send", "up"),
            "ask": _operation("send", "relay"),
            "hear": _operation("receive", "down"),
            "showPresence": _operation("send", "status"),
        },
        "components": {
            "messages": {**{row[0]: _message(row[0]) for row in MESSAGES.values()}, "presence": _presence()},
            "schemas": {MESSAGES[kind][0]: _payload(kind) for kind in MESSAGES},
        },
    }


def dump(tree: Tree) -> str:
    """YAML in block style: keys are plain where they can be, strings are quoted as in JSON."""
    return "\n".join(_lines(tree, "")) + "\n"


def _lines(node: Any, indent: str) -> list[str]:
    found = []
    pairs = node.items() if isinstance(node, dict) else ((None, item) for item in node)
    for key, value in pairs:
        word = json.dumps(key) if key is not None and key.isdigit() else key  # a bare 1 would be a number
        head = f"{indent}-" if key is None else f"{indent}{word}:"
        if isinstance(value, dict | list) and value:
            found += [head, *_lines(value, indent + "  ")]
        else:
            found.append(f"{head} {json.dumps(value, ensure_ascii=False)}")
    return found


def _channel(name: str) -> Tree:
    rows = [MESSAGES[kind] for kind in CHANNELS[name]]
    return {
        "address": topics.PREFIX + "{kiosk}/" + name,
        "parameters": {"kiosk": {"description": "name of the kiosk"}},
        "messages": {row[0]: {"$ref": f"#/components/messages/{row[0]}"} for row in rows},
    }


def _status() -> Tree:
    return {
        "address": topics.status("{kiosk}"),
        "description": "Retained; the last will says offline. For people only.",
        "parameters": {"kiosk": {"description": "name of the kiosk"}},
        "messages": {"presence": {"$ref": "#/components/messages/presence"}},
    }


def _operation(action: str, channel: str) -> Tree:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _message(name: str) -> Tree:
    return {
        "name": name,
        "contentType": WIRE,
        "summary": PURPOSE[name],
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }


def _presence() -> Tree:
    return {
        "name": "presence",
        "contentType": "text/plain",
        "payload": {"type": "string", "enum": ["online", "offline"]},
    }


def _payload(kind: int) -> Tree:
    """The seven parts. Integer keys of the body's map are written as JSON must write them: as strings."""
    _name, direction, rows = MESSAGES[kind]
    parts: list[Tree] = [
        {"title": "version", "const": envelope.VERSION},
        {"title": "direction", "const": direction},
        {"title": "kiosk", "type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{envelope.KIOSK_NAME_MAX}}}$"},
        {"title": "epoch", **_number(0, messages.U16)},
        {"title": "counter", **_number(0, messages.U32)},
        {"title": "type", "const": kind},
        _body(rows),
    ]
    return _tuple(parts)


def _tuple(parts: list[Tree]) -> Tree:
    return {"type": "array", "minItems": len(parts), "maxItems": len(parts), "items": parts}


def _body(rows: tuple[Row, ...]) -> Tree:
    return {
        "title": "body",
        "type": "object",
        "required": [str(row[0]) for row in rows if row[6]],
        "properties": {str(row[0]): _field(row) for row in rows},
        "additionalProperties": False,
    }


def _record(kind: int) -> Tree:
    return _tuple([_number(1, kinds.U32), {"title": "type", "const": kind}, _body(MESSAGES[kind][2])])


def _field(row: Row) -> Tree:
    _key, name, what, _unit, low, high, _required = row
    return {"title": name, "description": MEANING[name], **_kind(what, low, high)}


def _number(low: int, high: int) -> Tree:
    return {"type": "integer", "minimum": low, "maximum": high}


def _list(low: int, high: int, item: Tree) -> Tree:
    return {"type": "array", "minItems": low, "maxItems": high, "items": item}


def _kind(what: str, low: int, high: int) -> Tree:
    """Lengths of text and bytes are in bytes."""
    if what == "records":
        return _list(low, high, {"oneOf": [_record(kind) for kind in messages.REPORTS]})
    counter = _number(1, kinds.U32)
    verdict = [counter, _number(0, kinds.VERDICT_MAX), _number(-VERDICT_BALANCE_MAX, VERDICT_BALANCE_MAX)]
    octets = {"type": "string", "format": "binary"}
    minute = _number(0, kinds.DAY_MIN)
    label = {"type": "string", "minLength": 1, "maxLength": kinds.LABEL_MAX}
    return {
        "uint": _number(low, high),
        "int": _number(low, high),
        "text": {"type": "string", "minLength": low, "maxLength": high},
        "bytes": {**octets, "minLength": low, "maxLength": high},
        "ranges": _list(low, high, _list(2, 2, counter)),
        "moves": _list(low, high, _tuple([_number(0, kinds.U32), _number(-(2**53), 2**53)])),
        "verdicts": _list(low, high, _tuple(verdict)),
        "uids": _list(low, high, {**octets, "minLength": 4, "maxLength": 10}),
        "span": _list(low, high, minute),
        "spans": _list(low, high, _tuple([minute, minute])),
        "prices": _list(low, high, _tuple([label, _number(1, kinds.AMOUNT_FEN_MAX)])),
        "frames": _list(low, high, {**octets, "minLength": kinds.FRAME_MIN, "maxLength": kinds.FRAME_MAX}),
    }[what]
