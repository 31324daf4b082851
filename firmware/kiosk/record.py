"""One journal slot: 64 bytes of flash, written once, believed only with its checksum.

    serial u32 | kind u8 | epoch u16 | counter u32 | body 48 | spare 1 | CRC-32 u32     (little endian)

serial is the slot's place in the endless row of slots (laps * slots + index), so the newest is found
without a table. All kinds share one body, so one struct reads every slot.
"""

import struct
from binascii import crc32

SIZE = 64
INTENT, DONE, SETTLED, CHECKPOINT, CLOSED, ASKED, TAKEN = 1, 2, 3, 4, 5, 6, 7
ENTRY = 1
BLANK = b"\xff" * SIZE

_SLOT = "<IBHI" + "B10sHIIi8sIHIBI" + "x"
_FIELDS = (
    "serial",
    "kind",
    "epoch",
    "counter",
    "uid_size",
    "uid",
    "issue",
    "amount_fen",
    "tmc",
    "value_fen",
    "tmv",
    "happened_s",
    "ref_epoch",
    "ref_counter",
    "paid",
    "kiosk_no",
)
# What a slot says beside its place. INTENT: tmc and value before; one with paid 1 was written anew: the host
# holds it, its card has not come back. DONE: after, with TMV. SETTLED: ref is the sale it settles, paid 0, 1
# (with TMV) or 2 (without). CHECKPOINT: ref = the last number used, tmc = serial of the oldest slot still
# needed, happened_s = of the oldest report not acknowledged, uid = the card that paid last, paid = its
# customer was told. CLOSED: the open sale of this number is forgotten, or the host called it forged. ASKED:
# the host is about to be asked for this amount. TAKEN: it said yes, value_fen is the balance after. INTENT,
# DONE, ASKED, TAKEN: ref = source and number of the till's order, 0 for none (kiosk/till.py); of an entry the
# two last have paid = ENTRY. kiosk_no: whose journal this is.
_BRIEF = (
    "<IBHI13xI26xBI"  # serial, kind, epoch, counter, amount_fen, paid, kiosk_no: a tuple, as brief() gives
)
# where kind, epoch and counter stand; uid_size and uid; ref_epoch and ref_counter
KIND_AT, UID_AT, REF_AT = 4, 11, 48


def pack(values: dict) -> bytes:
    """Slot values by name (missing ones are 0) -> 64 bytes."""
    uid = values.get("uid", b"")
    whole = {"tmv": b"", "uid": uid, "uid_size": len(uid)}
    whole.update(values)
    body = struct.pack(_SLOT, *[whole.get(name, 0) for name in _FIELDS])
    return body + crc32(body).to_bytes(4, "little")


def unpack(slot) -> dict | None:  # type: ignore[no-untyped-def]
    """64 bytes -> values by name; None when the slot is blank, torn or worn."""
    body = bytes(slot[: SIZE - 4])
    if crc32(body) != int.from_bytes(bytes(slot[SIZE - 4 :]), "little"):
        return None
    values = dict(zip(_FIELDS, struct.unpack(_SLOT, body)))
    if not INTENT <= values["kind"] <= TAKEN:  # of a later firmware
        return None
    values["uid"] = values["uid"][: values["uid_size"]]
    return values


def brief(buffer, offset: int) -> tuple | None:  # type: ignore[no-untyped-def]
    """Slots are read by the thousand so: the slot that begins there as (serial, kind, epoch, counter,
    amount_fen, paid, kiosk_no); None as for unpack()."""
    end = offset + SIZE - 4
    if crc32(memoryview(buffer)[offset:end]) != int.from_bytes(buffer[end : end + 4], "little"):
        return None
    found = struct.unpack_from(_BRIEF, buffer, offset)
    return found if INTENT <= found[1] <= TAKEN else None


def uid_field(uid: bytes) -> bytes:
    """How a card's UID stands in a slot, from UID_AT on."""
    return bytes([len(uid)]) + uid
