"""What every secure messaging can do between an authentication and its end.

A command is header and data; only data are ever encrypted. A wrong length is refused with 7E, a wrong MAC,
checksum or padding with 1E; both before anything has moved.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class CommMode(Enum):
    """How a command and its answer travel inside a session.

    PLAIN, MAC and FULL are what a file's settings name. COMMAND is for what no file decides, such as
    GetKeyVersion: nothing in D40, a CMAC on the answer in EV1, MACs both ways in EV2.
    """

    PLAIN = "plain"
    MAC = "mac"
    FULL = "full"
    COMMAND = "command"


@dataclass
class Session(ABC):
    """`key_no` is the key that was proved. `survives_refusal`: a refused command leaves it standing."""

    key_no: int
    survives_refusal: ClassVar[bool] = False

    @abstractmethod
    def body_bytes(self, size: int, mode: CommMode) -> int:
        """How many bytes follow the header of a command that carries `size` bytes of data."""

    @abstractmethod
    def unwrap(
        self, cmd: int, header: bytes, body: bytes, mode: CommMode, size: int | None = None, tail: int = 0
    ) -> bytes:
        """Checks what follows the header and returns the command's data, followed by its tail.

        `size`: how many bytes of data there must be; None: the padding says. `tail`: how many stand after the
        message's checksum and are encrypted with it (ChangeKey). Raises Refused.
        """

    @abstractmethod
    def wrap(self, code: int, data: bytes, mode: CommMode, open_ended: bool = False) -> bytes:
        """What follows the status `code` in an answer. `open_ended`: the reader did not say how much."""

    @abstractmethod
    def checksum(self, data: bytes) -> bytes:
        """The checksum with which ChangeKey proves the key that it XORed."""
