"""Serial lines: opened when they are needed, and again at another rate."""

import machine


def opener(place: tuple, baud: int):  # type: ignore[no-untyped-def]
    """place: number of the UART, TX, RX, bytes of its buffer -> a function that opens it, a stream for
    asyncio, at this rate or the one it is given.
    """
    return lambda rate=baud: _opened(place, rate)


def _opened(place: tuple, baud: int) -> machine.UART:
    number, tx, rx, buffer_bytes = place
    return machine.UART(number, baudrate=baud, tx=tx, rx=rx, timeout=0, rxbuf=buffer_bytes)
