"""A message of a kiosk opened: its MAC, its shape, and the reports in it.

Reports are opened tens of thousands of times a second when kiosks come back: those that look as they should
go the short way of pattern.py. Everything else goes through protocol.wire, which accepts the same.
"""

import re

from host.terminals.kiosks import Kiosk
from host.terminals.pattern import JOURNAL, PATTERNS, Pattern, plain
from host.terminals.report import Report
from protocol.aes import same
from protocol.wire import cbor, envelope, messages
from protocol.wire.envelope import EnvelopeError
from protocol.wire.mac import MAC_SIZE


def opened(kiosk: Kiosk, payload: bytes) -> list[Report]:
    """The reports in a message, or the one message that holds none. EnvelopeError: nothing of it counts."""
    reports = _short_way(kiosk, payload) or _long_way(kiosk, payload)
    for report in reports:
        if report.counter == 0 and report.kind in messages.REPORTS:
            raise EnvelopeError("counter", "a report needs a counter above 0")
    return reports


def _short_way(kiosk: Kiosk, payload: bytes) -> list[Report] | None:
    """None: not seen at once, so look closer."""
    head = kiosk.up_head
    end = len(payload) - MAC_SIZE
    if not payload.startswith(head) or not len(head) <= end <= envelope.SIZE_MAX - MAC_SIZE:
        return None
    mac = kiosk.up_mac.copy()
    mac.update(payload[:end])
    if not same(mac.finalize()[:MAC_SIZE], payload[end:]):
        return None
    for pattern in PATTERNS:
        match = pattern.message(payload, len(head), end)
        if match is not None:
            return [_report(kiosk, plain(match[1]), pattern, match)]
    return _journal(kiosk, payload, len(head), end)


def _journal(kiosk: Kiosk, payload: bytes, at: int, end: int) -> list[Report] | None:
    begun = JOURNAL(payload, at, end)
    if begun is None:
        return None
    epoch, at, reports = plain(begun[1]), begun.end(), []
    for _ in range(plain(begun[3])):
        for pattern in PATTERNS:
            match = pattern.record(payload, at, end)
            if match is not None:
                reports.append(_report(kiosk, epoch, pattern, match))
                at = match.end()
                break
        else:
            return None
    return reports if at == end else None


def _report(kiosk: Kiosk, epoch: int, pattern: Pattern, match: re.Match[bytes]) -> Report:
    counter, values = pattern.read(match)
    content = b"\x82" + match.string[match.end(2) : match.end()]
    return Report(kiosk, epoch, counter, pattern.kind, values, content)


def _long_way(kiosk: Kiosk, payload: bytes) -> list[Report]:
    (epoch, counter), kind, body = envelope.open_(kiosk.up_key, messages.UP, kiosk.name, payload)
    records = [(counter, kind, body)]
    if kind == messages.JOURNAL:
        records = messages.fields(kind, body)["records"]
    return [
        Report(kiosk, epoch, counter, kind, messages.fields(kind, body), cbor.encode([kind, body]))
        for counter, kind, body in records
    ]
