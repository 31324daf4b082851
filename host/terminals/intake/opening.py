"""A message of a kiosk opened: its MAC, its shape, and the reports in it.

Reports are opened tens of thousands of times a second when kiosks come back: those that look as they should
go the short way of pattern.py. Everything else goes through protocol.wire, which accepts the same.
"""

from hmac import compare_digest
from typing import Any

from host.terminals.doubt.refusals import Refusal
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.intake.pattern import JOURNAL, PATTERNS, plain
from host.terminals.reported.report import Report
from protocol.wire import cbor, envelope, kinds, messages, online
from protocol.wire.envelope import EnvelopeError
from protocol.wire.mac import MAC_SIZE

_END_MAX = envelope.SIZE_MAX - MAC_SIZE  # where the MAC of the longest message begins
_RECORDS_MAX = messages.MESSAGES[messages.JOURNAL][2][0][5]


def opened(kiosk: Kiosk, payload: bytes) -> list[Report]:
    """The reports in a message, or the one message that holds none; a Refusal for what is none of ours.

    EnvelopeError: it does not authenticate, so nothing of it counts.
    """
    return at_once(kiosk, payload) or _long_way(kiosk, payload)


def at_once(kiosk: Kiosk, payload: bytes) -> list[Report] | None:
    """The reports in a message that looks as it should; None for all others: opened() looks closer."""
    head = kiosk.up_head
    at, end = len(head), len(payload) - MAC_SIZE
    if not at <= end <= _END_MAX or not payload.startswith(head):
        return None
    mac = kiosk.up_mac.copy()
    mac.update(payload[:end])
    if not compare_digest(mac.finalize()[:MAC_SIZE], payload[end:]):
        return None
    for pattern in PATTERNS:
        match = pattern.message(payload, at, end)
        if match is not None:
            return [pattern.report(kiosk, plain(match[1]), match)]
    return _journal(kiosk, payload, at, end)


def _journal(kiosk: Kiosk, payload: bytes, at: int, end: int) -> list[Report] | None:
    begun = JOURNAL(payload, at, end)
    if begun is None:
        return None
    epoch, at, reports = plain(begun[1]), begun.end(), []
    for _ in range(plain(begun[3])):
        for pattern in PATTERNS:
            match = pattern.record(payload, at, end)
            if match is not None:
                reports.append(pattern.report(kiosk, epoch, match))
                at = match.end()
                break
        else:
            return None
    return reports if at == end else None


def _long_way(kiosk: Kiosk, payload: bytes) -> list[Report]:
    try:
        (epoch, counter), kind, body = envelope.parts(kiosk.up_key, messages.UP, kiosk.name, payload)
    except EnvelopeError as error:
        if not error.authentic:
            raise
        number = error.sequence or (0, 0)
        return [Refusal(kiosk, *number, 0, payload[:-MAC_SIZE], error.code, str(error))]
    if kind == messages.JOURNAL and _is_journal(body):
        return [_record(kiosk, epoch, *record) for record in body[1]]
    return [_one(kiosk, epoch, counter, kind, body)]


def _is_journal(body: Any) -> bool:
    """Are there records to be looked at each by itself?"""
    if not isinstance(body, dict) or list(body) != [1] or not isinstance(body[1], list):
        return False
    return 1 <= len(body[1]) <= _RECORDS_MAX and all(_is_record(item) for item in body[1])


def _is_record(item: Any) -> bool:
    numbers = isinstance(item, list) and len(item) == 3
    return numbers and kinds.is_int(item[0], 0, kinds.U32) and kinds.is_int(item[1], 0, kinds.U16)


def _record(kiosk: Kiosk, epoch: int, counter: int, kind: int, body: Any) -> Report:
    if kind not in messages.REPORTS:
        content = cbor.encode([kind, body])
        return Refusal(kiosk, epoch, counter, 0, content, "type", "a journal holds reports alone")
    return _one(kiosk, epoch, counter, kind, body)


def _name(kind: int) -> str:
    return str(messages.MESSAGES[kind][0])


def _one(kiosk: Kiosk, epoch: int, counter: int, kind: int, body: Any) -> Report:
    content = cbor.encode([kind, body])
    try:
        messages.check(kind, messages.UP, body)
    except messages.MessageError as error:
        return Refusal(kiosk, epoch, counter, kind, content, error.code, str(error))
    if kind in online.RELAYED:
        return Refusal(kiosk, epoch, counter, 0, content, "type", f"{_name(kind)} goes to the topic relay")
    if counter == 0 and kind in messages.REPORTS:
        return Refusal(kiosk, epoch, 0, kind, content, "counter", "a report needs a counter above 0")
    values = messages.fields(kind, body)
    return Report(kiosk, epoch, counter, kind, tuple(values), tuple(values.values()), content)
