"""A personalised virtual purse card for firmware tests, made with the protocol's own procedures."""

import random
import struct

from protocol.card import apdu, ev2, keys, layout, purse
from simulator.card import DesfireCard

READ, DEBIT, CREDIT, TMAC = (bytes([n]) * 16 for n in (1, 2, 3, 4))
UID = bytes.fromhex("04112233445566")
FACTORY_KEY = bytes(16)


def personalise(uid, amount_fen):  # type: ignore[no-untyped-def]
    """Procedure: our application with its keys and files, then a first credit."""
    yield from apdu.select(b"\0\0\0")
    yield from apdu.exchange(0xCA, layout.AID + bytes([layout.KEY_SETTINGS, 0x80 | layout.KEY_COUNT]))
    yield from apdu.select(layout.AID)
    session = yield from ev2.authenticate(0, FACTORY_KEY, bytes(range(16)))
    for number, master in ((1, READ), (2, DEBIT), (3, CREDIT)):
        data = ev2.change_key_data(keys.card_key(master, uid), 1, FACTORY_KEY)
        yield from session.exchange(0xC4, bytes([number]), data, layout.COMM_FULL, layout.COMM_MAC)
    size = layout.DATA_SIZE.to_bytes(3, "little")
    yield from session.exchange(0xCD, b"\x01\x01" + layout.RIGHTS[1] + size)
    limits = struct.pack("<iii", 0, layout.VALUE_FEN_MAX, 0)
    yield from session.exchange(0xCC, b"\x02\x03" + layout.RIGHTS[2] + limits + b"\x00")
    sizes = layout.LOG_SIZE.to_bytes(3, "little") + layout.LOG_RECORDS.to_bytes(3, "little")
    yield from session.exchange(0xC0, b"\x03\x01" + layout.RIGHTS[3] + sizes)
    tmac_key = keys.tmac_key(TMAC, uid, 1) + b"\x00"
    header = b"\x0f\x01" + layout.RIGHTS[15] + b"\x02"
    yield from session.exchange(0xCE, header, tmac_key, layout.COMM_FULL, layout.COMM_MAC)
    data = layout.card_data(bytes(16), uid, 1, "42")
    yield from session.exchange(0x8D, b"\x01" + bytes(3) + size, data)
    session = yield from ev2.authenticate(3, keys.card_key(CREDIT, uid), bytes(range(16)))
    credit = struct.pack("<i", amount_fen)
    yield from session.exchange(0x0C, b"\x02", credit, layout.COMM_FULL, layout.COMM_MAC)
    return (yield from purse.commit(session))


class Wallet:
    """The card with a transceive() as the firmware's reader has it."""

    def __init__(self, amount_fen: int = 100_000) -> None:
        self.card = DesfireCard(UID, random.Random(7))
        self.card.enter_field()
        self.card.activate()
        apdu.run(personalise(UID, amount_fen), self.card.exchange)

    async def transceive(self, command: bytes) -> bytes:
        answer = self.card.exchange(command)
        assert answer is not None
        return answer

    def open(self) -> purse.Purse:
        self.card.activate()
        opened = apdu.run(purse.open_purse(UID, keys.card_key(DEBIT, UID), bytes(16)), self.card.exchange)
        assert isinstance(opened, purse.Purse)
        return opened

    def pay(self, kiosk_no: int, epoch: int, counter: int, amount_fen: int, commit: bool = True) -> None:
        """A sale by some kiosk, up to or with the commit."""
        opened = self.open()
        after_fen = opened.value_fen - amount_fen
        record = layout.log_record(kiosk_no, epoch, counter, amount_fen, after_fen, 1_700_000_000)
        apdu.run(purse.debit(opened, amount_fen, record), self.card.exchange)
        if commit:
            apdu.run(purse.commit(opened.session), self.card.exchange)
