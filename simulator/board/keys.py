"""The keypad: a matrix of switches between the board's pins, and a hand that presses them."""

from typing import Final

from simulator.board import link

# The pins of the reference board, and what stands on its keys; firmware/hal/pins.py and drivers/keypad.py
# have the same.
ROWS: Final = (13, 19, 15, 2)
COLUMNS: Final = (34, 35, 36, 39)
KEYS: Final = ("123C", "456B", "789D", "*0#E")


def press_command(key: str) -> bytes:
    """Press a key so long that the firmware sees it, and let go; after those before it. ValueError."""
    for row, keys in zip(ROWS, KEYS, strict=True):
        if key in keys and len(key) == 1:
            return link.key_command(row, COLUMNS[keys.index(key)])
    raise ValueError(f"there is no key {key!r}: the keypad has {' '.join(KEYS)}")
