"""What can go wrong, armed by a test or a storm and spent once: between chip and host, and in the air."""


class Faults:
    """Set a member; the chip uses it up at its next frame. `hanging` lasts until the chip is reset, `dead`
    and `babbling` (noise in place of each frame) until somebody takes them back.
    """

    def __init__(self) -> None:
        self.hanging = self.dead = self.babbling = False
        self.corrupt_next_answer = False
        self.drop_next_answer = False
        self.drop_next_ack = False
        self.garbage_before_answer = b""

    def acknowledge(self, frame: bytes) -> bytes:
        dropped, self.drop_next_ack = self.drop_next_ack, False
        return b"" if dropped else self._noise(frame)

    def answer(self, frame: bytes) -> bytes:
        """What becomes of an answer frame on its way."""
        garbage, self.garbage_before_answer = self.garbage_before_answer, b""
        if self.drop_next_answer:
            self.drop_next_answer = False
            return garbage
        if self.corrupt_next_answer:
            self.corrupt_next_answer = False
            # The last two bytes are the checksum and the postamble.
            frame = frame[:-2] + bytes([frame[-2] ^ 0x01]) + frame[-1:]
        return garbage + self._noise(frame)

    def _noise(self, frame: bytes) -> bytes:
        return bytes(n * 37 + 11 & 0xFF for n in range(len(frame) + 5)) if self.babbling else frame


class AirFaults:
    """Set a member; the field uses it up at its next frame. A damaged request is one that a card ignores."""

    def __init__(self) -> None:
        self.lose_next_request = False
        self.lose_next_answer = False
        self.damage_next_answer = False

    def request_lost(self) -> bool:
        lost, self.lose_next_request = self.lose_next_request, False
        return lost

    def answer_lost(self) -> bool:
        lost, self.lose_next_answer = self.lose_next_answer, False
        return lost

    def answer_damaged(self) -> bool:
        damaged, self.damage_next_answer = self.damage_next_answer, False
        return damaged
