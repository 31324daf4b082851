"""The wires between the simulated chip and the simulator (MicroPython side; simulator/board/link.py is the
other).

Out: kind u8 | length u32 LE | payload. In: commands of twelve bytes, kind u8 | 3 zero bytes | u32 LE | i32
LE. The descriptor is one end of a socket pair that the parent made, so nothing here has a name that could
collide.
"""

import select
import struct
import time as _time

_COMMAND_BYTES = 12

_stream = None
_poll = None
_head = bytearray(5)
_command = bytearray(_COMMAND_BYTES)
handlers = {}


def open_on(descriptor):
    """Take over the inherited descriptor. Without a call, `send` and `poll` do nothing (a model on its
    own).
    """
    global _stream, _poll
    _stream = open(descriptor, "r+b", 0)
    _poll = select.poll()
    _poll.register(_stream, select.POLLIN)


def send(kind, payload=b""):
    if _stream is None:
        return
    struct.pack_into("<BI", _head, 0, ord(kind), len(payload))
    _stream.write(_head)
    if len(payload):
        _stream.write(payload)


def poll():
    """Carry out the commands that wait. Called before each thing the firmware can see or do to the
    hardware.
    """
    while _poll is not None and _poll.poll(0):
        if _stream.readinto(_command) != _COMMAND_BYTES:
            raise SystemExit("the simulator is gone")
        kind, first, second = struct.unpack("<B3xIi", _command)
        handlers[chr(kind)](first, second)


def freeze():
    """Power is gone or a reset is under way: nothing runs from here on; the parent kills the process."""
    while True:
        _time.sleep(3600)
