"""The bus of a stranger's board, a true edge: each transaction is a line on stdout, answered by one on stdin.

The stranger's process imports this; `serve` in tests/strangers/running.py is the other end.
"""

import json
import sys


def ask(*words):
    """One line there, one back -> bytes."""
    print(*words, flush=True)
    return bytes.fromhex(sys.stdin.readline())


def select():
    ask("select")


def shift(data):
    """SPI, as the chip sees it: LSB first is turned round by the caller."""
    return ask("shift", bytes(data).hex())


def write(data):
    """I2C."""
    ask("write", bytes(data).hex())


def read(count):
    """I2C."""
    return ask("read", count)


def done(saw):
    """The last word: what the program saw."""
    print("done", json.dumps(saw), flush=True)


def reverse_bits(data):
    """What a master that shifts MSB first puts on an LSB first bus."""
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)
