"""From an APDU to its handler and back.

Native frames (INS data -> status data), ISO-wrapped ones (90 INS 00 00 [Lc data] 00 -> data 91 status) and
ISO 7816-4 commands (class 00) are understood. An AF frame goes on with what the frame before began; any other
command is then refused.
Any refusal drops the open transaction and, but for D40 messaging, ends the session, as on the real card.
"""

from collections.abc import Callable
from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.commands import HANDLERS, iso
from simulator.card.commands.data import HEADER_BYTES
from simulator.card.commands.records import UPDATE_HEADER_BYTES
from simulator.card.files import DataFile, RecordFile
from simulator.card.status import Refused

# Length of the header of a write that comes in AF frames where it is longer than one.
_CHAINED_WRITES: Final = {0x3D: HEADER_BYTES, 0x3B: HEADER_BYTES, 0xDB: UPDATE_HEADER_BYTES}


class Frames:
    """Remembers what an AF frame would go on with."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._then: Callable[[bytes], Answer] | None = None

    def reset(self) -> None:
        self._then = None

    def handle(self, apdu: bytes) -> tuple[bytes, str | None]:
        """The answer to one APDU, and the event it completed if any. Raises LeftField."""
        if not apdu:
            return bytes([status.LENGTH_ERROR]), None
        if apdu[0] == 0x00:
            self._then = None
            return iso.handle(self._chip, apdu), None
        if apdu[0] != 0x90:
            answer = self._answer(apdu[0], apdu[1:])
            return bytes([answer.status]) + answer.data, answer.event
        if len(apdu) < 5:
            return b"\x67\x00", None
        body = apdu[5:-1]
        if len(apdu) > 5 and (len(body) != apdu[4] or not body or apdu[-1]):
            answer = self._refuse(status.LENGTH_ERROR)
        elif apdu[2:4] != b"\x00\x00" or (len(apdu) == 5 and apdu[4]):
            answer = self._refuse(status.PARAMETER_ERROR)
        else:
            answer = self._answer(apdu[1], body)
        return answer.data + bytes([0x91, answer.status]), answer.event

    def _answer(self, cmd: int, data: bytes) -> Answer:
        try:
            answer = self._run(cmd, data)
        except Refused as refused:
            return self._refuse(refused.status)
        self._then = answer.then
        return answer

    def _refuse(self, code: int) -> Answer:
        self._then = None
        self._chip.refuse()
        return Answer(code)

    def _run(self, cmd: int, data: bytes) -> Answer:
        then, self._then = self._then, None
        if cmd == status.MORE:
            if then is None:
                raise Refused(status.ILLEGAL_COMMAND)
            return then(data)
        if then is not None:
            raise Refused(status.COMMAND_ABORTED)
        handler = HANDLERS.get(cmd)
        if handler is None or cmd in self._chip.state.model.lacks:
            raise Refused(status.ILLEGAL_COMMAND)
        header_bytes = _CHAINED_WRITES.get(cmd)
        if header_bytes is not None and len(data) > header_bytes:
            return self._gather(cmd, data, self._write_bytes(data, header_bytes))
        return handler(self._chip, cmd, data)

    def _gather(self, cmd: int, data: bytes, whole_bytes: int) -> Answer:
        """A write longer than one frame: the card says AF until all that the header announced is there."""
        if len(data) >= whole_bytes:
            return HANDLERS[cmd](self._chip, cmd, data)

        def following(more: bytes) -> Answer:
            if not more:
                raise Refused(status.LENGTH_ERROR)
            return self._gather(cmd, data + more, whole_bytes)

        return Answer(status.MORE, then=following)

    def _write_bytes(self, data: bytes, header_bytes: int) -> int:
        """Length of a whole write command, from its header and the way the file's data travel."""
        length = int.from_bytes(data[header_bytes - 3 : header_bytes], "little")
        _, file = self._chip.file(data)
        if not isinstance(file, DataFile | RecordFile):
            raise Refused(status.PARAMETER_ERROR)
        capacity = file.record_size if isinstance(file, RecordFile) else len(file.content)
        if length > capacity:
            raise Refused(status.BOUNDARY_ERROR)
        mode = self._chip.need_rights(file, file.rights.write, file.rights.read_write)
        session = self._chip.session
        return header_bytes + (session.body_bytes(length, mode) if session else length)
