"""The agent's one loop: a reader, the card on it, and what the host wants of that card."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog

from host.cards import readers
from host.cards.readers import CardGone, Found, Reader, ReaderError
from host.reader_agent.conversation import Conversation, Word
from host.reader_agent.talk import REQUEST_SIZE
from protocol.wire import kinds, online

POLL_S = 0.15  # between looks at the reader; what the host says waits for none
RETRY_S = 1.0  # for a reader that is not there, or a card that is busy elsewhere
UID_SIZES = range(4, 11)  # bytes, as the message table has it
_log = structlog.get_logger()
Opens = Callable[[str], AbstractContextManager[Reader]]


class Agent:
    """run() returns once `stopping` is set."""

    def __init__(
        self,
        conversation: Conversation,
        reader: str,
        stopping: threading.Event,
        opens: Opens = readers.opened,
    ) -> None:
        self._host, self._name, self._stopping, self._opens = conversation, reader, stopping, opens
        self._trouble = ""

    def run(self) -> None:
        """One reader after the other, as it is unplugged and plugged in."""
        while not self._stopping.is_set():
            try:
                with self._opens(self._name) as reader:
                    _log.info("the reader is ready", reader=self._name)
                    self._trouble = ""
                    self._cards(reader)
            except ReaderError as error:
                if str(error) != self._trouble:
                    self._trouble = str(error)
                    _log.warning(self._trouble, reader=self._name)
                self._idle(RETRY_S)

    def _cards(self, reader: Reader) -> None:
        uid: bytes | None = None  # of the card that lies there, as it was told
        while not self._stopping.is_set():
            found = reader.sense()
            if found is None:
                if uid is not None:
                    uid = None
                    _log.info("card left")
                self._idle(POLL_S)
                continue
            if found.uid != uid:
                uid = found.uid
                _log.info("card arrived", uid=uid.hex().upper(), **({"note": found.why} if found.why else {}))
            self._lie(reader, found)

    def _idle(self, wait_s: float) -> None:
        """No card: what the host still wants of one is answered so."""
        until_s = time.monotonic() + wait_s
        while (left_s := until_s - time.monotonic()) > 0 and not self._stopping.is_set():
            self._carry(self._host.next(left_s), b"", None)

    def _lie(self, reader: Reader, found: Found) -> None:
        """Until the card leaves, or has to be switched on anew."""
        host = self._host
        request, said_s, nonce = os.urandom(REQUEST_SIZE), 0.0, host.talk.nonce
        readable = len(found.uid) in UID_SIZES
        try:
            while not self._stopping.is_set() and host.talk.nonce == nonce:
                due = time.monotonic() - said_s > online.STILL_MS / 1000
                if host.online and readable and due:
                    said_s = time.monotonic()
                    host.relay(host.talk.ask(request, found.uid, found.connection is not None))
                word = host.next(POLL_S)
                if word is None and not reader.present():
                    break
                if not self._carry(word, request, found):
                    break
        finally:
            if said_s and host.online and host.talk.nonce == nonce:
                host.relay(host.talk.left())

    def _carry(self, word: Word | None, request: bytes, found: Found | None) -> bool:
        """Do what the host wants of this card; False when it has to begin anew."""
        if word is None:
            return True
        kind, step = word
        if kind == online.DECISION:
            if step["request"] != request:
                return True
            _log.info("the host is done with the card", code=step["code"], reason=step["reason"])
            if step["code"] == online.REFUSED:
                self._idle(RETRY_S)
            return False
        connection = None if found is None or step["request"] != request else found.connection
        answers: list[bytes] = []
        try:
            for apdu in step["apdus"]:
                answers.append(_exchanged(connection, apdu))
        except CardGone:
            _log.info("no card answers the host", session=step["session"], step=step["step"])
        gone = len(answers) < len(step["apdus"])
        self._host.relay(self._host.talk.answer(step, answers, gone))
        return not gone or connection is None


def _exchanged(connection: readers.CardConnection | None, apdu: bytes) -> bytes:
    """The card's answer, if it is one; CardGone."""
    if connection is None:
        raise CardGone
    answer = connection.send_and_receive(apdu)
    if not kinds.is_bytes(answer, kinds.FRAME_MIN, kinds.FRAME_MAX):
        _log.warning("the card answers what is no APDU's answer", size=len(answer))
        raise CardGone
    return answer
