"""What the agent says, and what it hears. No I/O: the line carries it."""

import os
from typing import Any

from host import VERSION
from protocol.wire import envelope, messages, online
from protocol.wire.ear import Ear
from protocol.wire.mac import kiosk_keys

REQUEST_SIZE = NONCE_SIZE = 8


class Talk:
    """given: the bundle's fields. begin() before each connection's hello."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.name: str = given["name"]
        self._secret: bytes = given["secret"]
        self._up_key = kiosk_keys(self._secret)[0]
        self._epoch: int = given["epoch"]
        self.begin()

    def begin(self) -> None:
        """A connection: nothing that was said in earlier ones counts any more."""
        self._ear = Ear(self.name, self._secret, os.urandom(NONCE_SIZE))

    @property
    def nonce(self) -> bytes:
        """Of this connection."""
        return self._ear.nonce

    @property
    def why(self) -> str:
        """Why the last message that hear() refused did not count."""
        return self._ear.why

    def hello(self) -> bytes:
        """A reader reports nothing, and works by no configuration or list."""
        self._ear.hello(os.urandom(NONCE_SIZE))
        stands = dict.fromkeys(("counter", "config", "hotlist", "pending", "waiting", "allowed"), 0)
        return self._sealed(messages.HELLO, firmware=f"reader {VERSION}"[:32], epoch=self._epoch, **stands)

    def ask(self, request: bytes, uid: bytes, is_chip: bool) -> bytes:
        """A card lies there for a clerk. The same request again: it still does."""
        looks = online.PURSE if is_chip else online.PLAIN
        return self._sealed(online.ASK, request=request, wants=online.DESK, uid=uid, card=looks)

    def answer(self, step: dict[str, Any], answers: list[bytes], gone: bool) -> bytes:
        """To a step of the relay."""
        return self._answer(step["session"], step["step"], answers, gone)

    def left(self) -> bytes:
        """The card is gone."""
        return self._answer(0, 0, [], True)

    def hear(self, message: bytes) -> tuple[int, dict[str, Any]] | None:
        """(kind, fields) of what counts; None for all else, see why."""
        heard = self._ear.hear(message)
        return None if heard is None else heard[:2]

    def _answer(self, session: int, step: int, answers: list[bytes], gone: bool) -> bytes:
        return self._sealed(online.ANSWER, session=session, step=step, answers=answers, gone=int(gone))

    def _sealed(self, kind: int, **values: Any) -> bytes:
        body = messages.body(kind, nonce=self.nonce, **values)
        return envelope.seal(self._up_key, messages.UP, self.name, (self._epoch, 0), kind, body)
