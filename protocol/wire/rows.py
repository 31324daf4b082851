"""The table's rows for those who hold a message against one. In a kiosk's image packed.py stands for this: as
tuples the table would take 20 KB of its heap.
"""

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any


def row(kind: int) -> "Any":
    """(name, direction, fields) of a message, as in messages.py; None when there is none."""
    from protocol.wire.messages import MESSAGES  # which imports what imports this

    return MESSAGES.get(kind)
