"""The fuzz targets: each takes any bytes and raises when a promise is broken.

Nothing here imports atheris, so that pytest runs every file of the corpus through the same functions. Content
is signed by us: no fuzzer finds a right MAC, and what lies behind it would never be reached.
"""

from collections.abc import Callable
from typing import Any

from host.terminals.doubt.refusals import CONTENT_MAX, Refusal
from host.terminals.fleet.kiosks import Kiosk
from host.terminals.intake import opening
from host.terminals.reported.report import Report
from protocol.wire import cbor, envelope, messages, online
from protocol.wire.cbor import CborError
from protocol.wire.envelope import EnvelopeError
from protocol.wire.mac import MAC_SIZE, hmac_sha256, kiosk_keys
from protocol.wire.messages import DOWN, MESSAGES, UP, MessageError
from tests.fuzz import card, reader_targets

KIOSK = Kiosk(1, "K1", 1, *kiosk_keys(bytes(32)))
HOST_CODES = (*envelope.CODES, "counter")  # what the host refuses besides
ReportSeen = tuple[int, int, int, dict[str, Any], bytes, bytes, str]


def signed(head: bytes, key: bytes = KIOSK.up_key) -> bytes:
    """A message whose MAC is right, whatever its content."""
    return head + hmac_sha256(key, head)[:MAC_SIZE]


def decode(data: bytes) -> None:
    """cbor.decode: CborError or a value, whose one encoding the bytes are."""
    try:
        value = cbor.decode(data)
    except CborError:
        return
    again = cbor.encode(value)
    assert again == data, "two encodings of one value"
    assert cbor.decode(again) == value


def check(data: bytes) -> None:
    """messages.check on whatever CBOR can hold: MessageError or a body that both views agree on.

    Byte 0 chooses the message, the rest is the body.
    """
    try:
        body: Any = cbor.decode(data[1:])
    except CborError:
        return
    kind = list(MESSAGES)[data[0] % len(MESSAGES)] if data else 0
    direction = MESSAGES[kind][1]
    for towards in (UP, DOWN):
        try:
            messages.check(kind, towards, body)
        except MessageError as error:
            assert error.code in envelope.CODES and str(error)
        else:
            assert towards == direction
            assert messages.body(kind, **messages.fields(kind, body)) == body


def open_(data: bytes) -> None:
    """envelope.open_ of signed content, both ways: EnvelopeError or what seal() makes again."""
    for direction in (UP, DOWN):
        message = signed(data)
        try:
            sequence, kind, body = envelope.open_(KIOSK.up_key, direction, "K1", message)
        except EnvelopeError as error:
            assert error.code in envelope.CODES and str(error)
            assert error.authentic == (error.code != "size")
            if error.sequence is not None:
                assert 0 <= error.sequence[0] <= messages.U16 and 0 <= error.sequence[1] <= messages.U32
        else:
            assert envelope.seal(KIOSK.up_key, direction, "K1", sequence, kind, body) == message


def raw(data: bytes) -> None:
    """envelope.open_ and the host's opened of unsigned bytes: refused, and not as authentic."""
    for opener in (lambda: envelope.open_(KIOSK.up_key, UP, "K1", data), lambda: opening.opened(KIOSK, data)):
        try:
            opener()
        except EnvelopeError as error:
            assert error.code in ("size", "mac") and not error.authentic
        else:
            raise AssertionError("a MAC was guessed")


def opened(data: bytes) -> None:
    """The opening of signed content: the short way takes what the long way takes, or leaves it."""
    message = signed(data)
    short = opening.at_once(KIOSK, message)
    try:
        found = opening._long_way(KIOSK, message)
    except EnvelopeError as error:
        assert short is None and error.code == "size" and not error.authentic
        return
    assert found, "a message vanished"
    if short is not None:
        assert [_seen(report) for report in short] == [_seen(report) for report in found]
    for report in found:
        _seen(report)
    _as_the_envelope_says(message, found)


def _as_the_envelope_says(message: bytes, found: list[Report]) -> None:
    """What envelope.open_ takes, the host takes, but for reports without a number; else nothing."""
    try:
        (epoch, counter), kind, body = envelope.open_(KIOSK.up_key, UP, "K1", message)
    except EnvelopeError as error:
        refusals = [report for report in found if isinstance(report, Refusal)]
        assert refusals
        if len(found) == 1 and refusals[0].code not in ("type", "counter"):  # else a journal's, by record
            assert refusals[0].code == error.code
        return
    if kind == messages.JOURNAL:
        told = [(epoch, *record) for record in body[1]]
    else:
        told = [(epoch, counter, kind, body)]
    for report, (epoch, counter, kind, body) in zip(found, told, strict=True):
        if kind in online.RELAYED:
            assert isinstance(report, Refusal) and report.code == "type"
        elif counter == 0 and kind in messages.REPORTS:
            assert isinstance(report, Refusal) and report.code == "counter"
        else:
            assert not isinstance(report, Refusal)
            assert (report.epoch, report.counter, report.kind) == (epoch, counter, kind)
            assert report.encoded == cbor.encode([kind, body])


def _seen(report: Report) -> ReportSeen:
    """All that a report is; a Refusal's bounds besides."""
    code = ""
    if isinstance(report, Refusal):
        code = report.code
        assert code in HOST_CODES and report.sentence and len(report.encoded) <= CONTENT_MAX
        assert report.kind == 0 or (report.kind in messages.REPORTS and report.counter > 0)
    return (
        *(report.epoch, report.counter, report.kind, report.values),
        *(report.encoded, report.digest, code),
    )


TARGETS: dict[str, Callable[[bytes], None]] = {
    "decode": decode,
    "check": check,
    "open": open_,
    "raw": raw,
    "opened": opened,
    "card": card.card,
    **reader_targets.TARGETS,
}
