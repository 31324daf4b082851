"""Equality of what only one who holds a key can know.

Beside aes.py, for a kiosk compares MACs of messages all the time, and needs the cipher only while a card is
there.
"""

try:
    from hmac import compare_digest as _compare  # CPython

    def same(a: bytes, b: bytes) -> bool:
        """Equality whose time does not tell where two strings of one length differ."""
        return _compare(a, b)

except ImportError:

    def same(a: bytes, b: bytes) -> bool:
        """Equality whose time does not tell where two strings of one length differ."""
        return same_bytewise(a, b)


def same_bytewise(a: bytes, b: bytes) -> bool:
    """same() in plain Python."""
    if len(a) != len(b):
        return False
    difference = 0
    for x, y in zip(a, b):
        difference |= x ^ y
    return difference == 0
