"""CommitTransaction and AbortTransaction."""

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.status import Refused
from simulator.card.transaction import Transaction, tmac_file


def commit_transaction(chip: Chip, cmd: int, data: bytes) -> Answer:
    """No data, or option 00 or 01. With 01 answers TMC 4 | TMV 8 of the Transaction MAC file."""
    app = chip.need_application()
    header = chip.open_header(cmd, data, max(0, min(1, len(data) - chip.security_bytes())))
    wants_mac = header == b"\x01"
    if header not in (b"", b"\x00", b"\x01") or (wants_mac and tmac_file(app) is None):
        raise Refused(status.PARAMETER_ERROR)
    if not chip.transaction.changed:
        raise Refused(status.NO_CHANGES)
    chip.commit(chip.transaction.images(app, chip.state.uid))
    chip.transaction = Transaction()
    stamped = tmac_file(app)
    answer = stamped.content if wants_mac and stamped else b""
    return chip.reply(answer, event="commit")


def abort_transaction(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Forgets every change since the last commit."""
    chip.need_application()
    chip.open_header(cmd, data, 0)
    chip.transaction = Transaction()
    return chip.reply()
