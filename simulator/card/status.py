"""DESFire status codes and the exception that carries one out of a command handler."""

from typing import Final

OK: Final = 0x00
NO_CHANGES: Final = 0x0C
OUT_OF_MEMORY: Final = 0x0E
ILLEGAL_COMMAND: Final = 0x1C
INTEGRITY_ERROR: Final = 0x1E
NO_SUCH_KEY: Final = 0x40
LENGTH_ERROR: Final = 0x7E
PERMISSION_DENIED: Final = 0x9D
PARAMETER_ERROR: Final = 0x9E
APPLICATION_NOT_FOUND: Final = 0xA0
AUTHENTICATION_ERROR: Final = 0xAE
MORE: Final = 0xAF
BOUNDARY_ERROR: Final = 0xBE
COMMAND_ABORTED: Final = 0xCA
DUPLICATE: Final = 0xDE
FILE_NOT_FOUND: Final = 0xF0


class Refused(Exception):
    """The card answers with this status and nothing on it has changed."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status:02X}")
        self.status = status


class LeftField(Exception):
    """Power is gone in the middle of a step; whatever was not persisted by then is lost."""
