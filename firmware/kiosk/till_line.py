"""A till on the serial line: one line asks, one or more answer. docs/till.md has the words.

    CHARGE 42 1250 60*CRC32    number, fen, seconds      CANCEL 42*CRC32      STATUS 42*CRC32

Numbers rise and are the till's own. A line that comes twice is answered twice and does nothing more. What
can't be read is answered with ERROR and a reason.
"""

import asyncio
from binascii import crc32

from kiosk import till
from protocol.wire.kinds import AMOUNT_FEN_MAX, U32
from protocol.wire.till import CANCELLED, CARD, ENDED, EXPIRED, REFUSED, WAITING

LINE_MAX = 64
LASTS_S, LASTS_S_MAX = 120, 900
RETRY_MS = 1000
NAMES = {WAITING: "WAIT", CARD: "CARD", REFUSED: "REFUSED", CANCELLED: "CANCELLED", EXPIRED: "EXPIRED"}


class Line:
    """stream: a UART, for asyncio; said: the last words about the last number."""

    def __init__(self, teller, stream) -> None:  # type: ignore[no-untyped-def]
        self._teller, self._stream = teller, stream
        self._number, self._said = 0, ""
        self._highest = till.highest(teller.journal)

    async def run(self) -> None:
        """For ever; a line that fails is tried again."""
        reader = asyncio.StreamReader(self._stream)
        held, skip = b"", False
        while True:
            try:
                more = await reader.read(LINE_MAX)
            except OSError as error:
                print("till: %s" % error)
                more = b""
            if not more:
                await asyncio.sleep_ms(RETRY_MS)
                continue
            held += more
            while b"\n" in held:
                line, _, held = held.partition(b"\n")
                if not skip and line.strip():
                    self._heard(line)
                skip = False
            if len(held) > LINE_MAX:
                if not skip:
                    self.write("ERROR 0 long")
                held, skip = b"", True

    def write(self, text: str) -> None:
        """One line."""
        try:
            self._stream.write(b"%s*%08X\r\n" % (text.encode(), crc32(text.encode())))
        except OSError as error:
            print("till: %s" % error)

    def tell(self, number: int, outcome: int, epoch: int, counter: int, reason: str) -> None:
        """How far an order is: kiosk/till.py."""
        if outcome != ENDED:
            text = "%s %d %s" % (NAMES[outcome], number, reason)
        elif reason:
            text = "UNKNOWN %d %s" % (number, reason)
        else:
            text = "PAID %d %d.%d" % (number, epoch, counter)
        self._number, self._said = number, text.strip(" ")
        self.write(self._said)

    def _heard(self, line: bytes) -> None:
        text, _, check = line.strip().partition(b"*")
        if check.upper() != b"%08X" % crc32(text):
            return self.write("ERROR 0 crc")
        words = text.split()  # as bytes: what the check covers need not be text
        counts = {b"CHARGE": (2, 3), b"CANCEL": (1,), b"STATUS": (1,)}.get(words[0] if words else b"")
        if counts is None:
            return self.write("ERROR 0 word")
        numbers = [int(word) if word.isdigit() and len(word) <= 10 else -1 for word in words[1:]]
        if len(numbers) not in counts or min(numbers) < 0 or not 0 < numbers[0] <= U32:
            return self.write("ERROR 0 form")
        self._do(words[0], *numbers)

    def _do(self, word: bytes, number: int, amount_fen: int = 1, lasts_s: int = LASTS_S) -> None:
        teller = self._teller
        order, served = teller.order, False
        if order:
            served = order[0] == till.LINE and order[1] == number
        sold = till.find(teller.journal, till.LINE, number)
        if word == b"STATUS":
            return self._status(number, served)
        charge = word == b"CHARGE"
        if charge:
            if not 0 < amount_fen <= AMOUNT_FEN_MAX or not 0 < lasts_s <= LASTS_S_MAX:
                return self.write("ERROR %d form" % number)
            known = order[2] if served else sold["amount_fen"] if sold else amount_fen
            if known != amount_fen:
                return self.write("ERROR %d amount" % number)
            if number < self._highest and not served and not sold:
                return self.write("ERROR %d old" % number)
            self._highest = max(self._highest, number)
        asked = {"source": till.LINE, "order": number, "amount_fen": amount_fen, "cancel": int(not charge)}
        asked["deadline_s"] = teller.clock() + lasts_s
        teller.link.charges.ask(asked)

    def _status(self, number: int, served: bool) -> None:
        """At once, also while a card is served."""
        over = None if served else till.known(self._teller, till.LINE, number)
        if over:
            self.tell(number, *over)
        elif number == self._number:
            self.write(self._said)
        else:
            self.write("NONE %d" % number)
