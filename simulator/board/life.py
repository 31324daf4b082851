"""One life of a board: reads what its process sends until it is dead, and kills it when its time has come."""

import os
import selectors
import threading
from typing import Final

from simulator.board import link
from simulator.board.chip import Chip
from simulator.board.console import Console
from simulator.board.process import Process

_CHUNK_BYTES: Final = 65536


def run_out(process: Process, chip: Chip, console: Console, changed: threading.Condition) -> str:
    """Read link and console until both are at their end.

    Returns why the process ended: "reset", "cut" (armed power cut reached), "watchdog", "fault" (the link
    broke its rules), or "" when it ended by itself or was killed from outside.
    """
    decoder = link.Decoder()
    ending = ""
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.control, selectors.EVENT_READ)
        waiting.register(process.console, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select(chip.watchdog_left_s()):
                data = _read(key.fd)
                if not data:
                    waiting.unregister(key.fileobj)
                elif key.fileobj is process.control:
                    ending = ending or _take(process, chip, decoder, data)
                else:
                    console.feed(data)
            if chip.watchdog_left_s() == 0:
                chip.watchdog_bit()
                ending = ending or "watchdog"
                process.kill()
            with changed:
                changed.notify_all()
    return ending


def _take(process: Process, chip: Chip, decoder: link.Decoder, data: bytes) -> str:
    """Returns why the process must end, and kills it then."""
    ending = ""
    try:
        for message in decoder.feed(data):
            ending = ending or chip.take(message)
    except link.LinkError as error:
        chip.faults.append(str(error))
        ending = "fault"
    if ending:
        process.kill()
    return ending


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK_BYTES)
    except ConnectionResetError:
        return b""
