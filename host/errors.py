"""Faults with a sentence for a person that says what to do: those of a command and those of a request."""

import structlog

from host.db.connection import faults

EXIT_FAILED, EXIT_USAGE, EXIT_PORT, EXIT_SETUP = 1, 2, 3, 4
_log = structlog.get_logger()


class HostError(Exception):
    """str() is a whole sentence for a person; `exit_code` is what the command line ends with."""

    exit_code = EXIT_SETUP


class PortInUse(HostError):
    """Something else listens where we were told to."""

    exit_code = EXIT_PORT


class Refused(Exception):
    """An answer that says no: HTTP status, a word for programs, a sentence for people."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


def refusal(error: Exception, what: str) -> Refused:
    """What a request is answered whose handling failed so; the log has what the answer does not tell.

    what: the request, for the log. Call it where `error` is being handled.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, faults()):
        _log.error("the books cannot be used", fault=str(error), what=what)
        sentence = (
            "The books cannot be used just now. Look up what was done, then ask again for what was not."
        )
        return Refused(503, "database", sentence)
    _log.exception("a request failed", what=what)
    return Refused(500, "fault", "Something failed here; it is in the log.")
