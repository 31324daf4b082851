"""NXP PN532 over its high-speed UART, as an asyncio driver.

    to chip    00 00 FF LEN LCS D4 cmd data DCS 00        LEN + LCS = 0, sum(D4..) + DCS = 0 (mod 256)
    from chip  ACK 00 00 FF 00 FF 00 within 15 ms, then 00 00 FF LEN LCS D5 cmd+1 data DCS 00
Frames above 255 bytes of content are not needed by our card commands and refused as faults.
Source: PN532 user manual (UM0701-02), chapters 6 and 7.

The chip wakes at 115200 baud. A sale is 18 frames each way, so the line is made faster before the first one;
where it does not carry that (a long cable, a converter), the reader works on at its own rate. The same in the
air: a card that can speaks at up to 424 kbit/s from its first APDU on, the most that this chip can.
"""

import asyncio

from hal.duty import readable, within

ACK = b"\x00\x00\xff\x00\xff\x00"
ANSWER_MS = 1000  # with the ACK, after 15 ms by the manual; the rest is for a machine that is busy

SAM_CONFIGURATION, RF_CONFIGURATION = 0x14, 0x32
LIST_PASSIVE, EXCHANGE, RELEASE, FIRMWARE_VERSION, SERIAL_BAUD, SET_RATES = 0x4A, 0x40, 0x52, 0x02, 0x10, 0x4E

WAKE_BAUD, FAST_BAUD = 115200, 921600
FAST_BAUD_CODE = b"\x07"
TARGETS_MAX = 2
POLL_FELICA = b"\x01\x01\x00\xff\xff\x00\x00"  # one card, 212 kbit/s, any system code, no wish, one time slot
FASTEST = 2  # 0, 1, 2: 106, 212, 424 kbit/s


class ReaderFault(Exception):
    """The reader itself is silent or talks nonsense: reset it."""


class CardGone(Exception):
    """The reader works, the card does not answer any more."""


def _rate(ats: bytes) -> int:
    """The fastest rate for both directions in an ATS (ISO 14443-4, 5.2.4): length, T0, TA if T0 says so."""
    if len(ats) < 3 or not ats[1] & 0x10:
        return 0
    both = ats[2] & ats[2] >> 4 & 0x07  # bits 212, 424, 848
    rate = 0
    while rate < FASTEST and both >> rate & 1:
        rate += 1
    return rate


class Pn532:
    """One reader on a UART that does not wait, with its reset pin; set_baud(rate) changes our side's rate."""

    def __init__(self, uart, reset_pin, set_baud) -> None:  # type: ignore[no-untyped-def]
        self._uart, self._reset = uart, reset_pin
        self._set_baud = set_baud
        self._held = False  # the chip holds a card, which would not hear the next search
        self._rate = 0  # the card held can do, and was not told to yet

    async def start(self) -> bytes:
        """Reset and configure the chip -> its version, 4 bytes. ReaderFault when it does not answer."""
        await self._wake()
        version = await self.command(FIRMWARE_VERSION)
        try:
            await self._hurry()
        except ReaderFault:
            await self._wake()
        await self.command(SAM_CONFIGURATION, b"\x01\x00\x00")
        # one activation try a poll, so that an empty field answers at once
        await self.command(RF_CONFIGURATION, b"\x05\xff\x01\x01")
        return version

    async def _wake(self) -> None:
        self._set_baud(WAKE_BAUD)
        self._held = False
        self._reset.value(0)
        await asyncio.sleep_ms(2)
        self._reset.value(1)
        await asyncio.sleep_ms(2)
        await self._drain()
        await self._write(b"\x55\x55" + bytes(14))  # wakes the chip's UART

    async def _hurry(self) -> None:
        """The chip takes the new rate with our ACK; a command then shows whether the line carries it."""
        await self.command(SERIAL_BAUD, FAST_BAUD_CODE)
        await self._write(ACK)
        await asyncio.sleep_ms(2)  # until the ACK has left, 0.5 ms
        self._set_baud(FAST_BAUD)
        await self._drain()
        await self.command(FIRMWARE_VERSION)

    async def find(self) -> tuple[bytes, int] | None:
        """Look for a card -> (UID of 4, 7 or 10 bytes, SAK), None without one; (b"", 0): more than one.

        Where there is none of ISO 14443A, a FeliCa card -> (IDm of 8 bytes, 0). What was found before is let
        go first, so that the same card is seen afresh.
        """
        if self._held:
            await self.command(RELEASE, b"\x00")
            self._held = False
        answer = await self.command(LIST_PASSIVE, bytes([TARGETS_MAX, 0]))
        if not answer or answer[0] == 0:
            return await self._find_felica()
        self._held, self._rate = True, 0
        if answer[0] > TARGETS_MAX:
            raise ReaderFault("%d cards at once" % answer[0])
        if len(answer) < 6 or answer[5] not in (4, 7, 10) or len(answer) < 6 + answer[5]:
            raise ReaderFault("target answer cut short")
        if answer[0] > 1:
            return b"", 0
        end = 6 + answer[5]
        self._rate = _rate(answer[end:])
        return answer[6:end], answer[4]

    async def _find_felica(self) -> tuple[bytes, int] | None:
        """Its answer to polling: count, number, length, 01, IDm, PMm."""
        answer = await self.command(LIST_PASSIVE, POLL_FELICA)
        if not answer or answer[0] == 0:
            return None
        self._held, self._rate = True, 0
        if len(answer) < 20 or answer[3] != 1:
            raise ReaderFault("polling answer cut short")
        return answer[4:12], 0

    async def transceive(self, apdu: bytes) -> bytes:
        """One APDU to the card -> its answer; CardGone when the card left."""
        if self._rate:
            rate, self._rate = self._rate, 0
            # a card that does not take it, which is no fault, works on at 106
            await self.command(SET_RATES, bytes([1, rate, rate]))
        answer = await self.command(EXCHANGE, b"\x01" + apdu)
        if not answer:
            raise ReaderFault("exchange answered nothing")
        if answer[0] & 0x3F:
            raise CardGone("reader status %02X" % answer[0])
        return answer[1:]

    async def command(self, code: int, data: bytes = b"") -> bytes:
        """One command -> the answer's data; ReaderFault on silence or a broken frame."""
        body = b"\xd4" + bytes([code]) + data
        if len(body) > 255:
            raise ReaderFault("command of %d bytes" % len(body))
        head = bytes([0, 0, 0xFF, len(body), -len(body) & 0xFF])
        command = head + body + bytes([-sum(body) & 0xFF, 0])
        try:
            answer = await within(ANSWER_MS, self._answer(command))
        except asyncio.TimeoutError:
            raise ReaderFault("reader is silent")
        if len(answer) < 2 or answer[0] != 0xD5 or answer[1] != code + 1:
            raise ReaderFault("answer to another command")
        return answer[2:]

    async def _answer(self, command: bytes) -> bytes:
        """The content of the answer to this frame, which follows the acknowledgement."""
        await self._write(command)
        if await self._take(6) != ACK:
            raise ReaderFault("no acknowledgement")
        head = await self._take(5)
        length = head[3]
        if head[:3] != b"\x00\x00\xff" or (length + head[4]) & 0xFF:
            raise ReaderFault("broken frame")
        body = await self._take(length + 2)
        if sum(body[:-1]) & 0xFF:
            raise ReaderFault("checksum of a frame is wrong")
        return body[:-2]

    async def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while True:
            rest = rest[self._uart.write(rest) or 0 :]
            if not rest:
                return
            await asyncio.sleep_ms(1)

    async def _take(self, size: int) -> bytes:
        """The next bytes."""
        data = b""
        while len(data) < size:
            more = self._uart.read(size - len(data))
            if more is None:
                await readable(self._uart)
            elif more:
                data += more
            else:
                raise ReaderFault("serial line is closed")
        return data

    async def _drain(self) -> None:
        """Forget what came in before the reset."""
        more = b" "
        while more:
            await asyncio.sleep_ms(1)
            more = self._uart.read(64)
