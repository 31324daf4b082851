"""One journal slot: 64 bytes of flash, written once, believed only with its checksum.

    serial u32 | kind u8 | epoch u16 | counter u32 | body 48 | spare 1 | CRC-32 u32     (little endian)

serial is the slot's place in the endless row of slots (laps * slots + index), so the newest is found
without a table. All kinds share one body, so one struct reads every slot.
"""

import struct
from binascii import crc32

SIZE = 64
INTENT, DONE, SETTLED, CHECKPOINT, SHOWN, ASKED, TAKEN = 1, 2, 3, 4, 5, 6, 7
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
# What a slot says beside its place. INTENT: tmc and value before. DONE: after, with TMV. SETTLED: ref is
# the sale it settles, paid 0, 1 (with TMV) or 2 (without). CHECKPOINT: counter = acknowledged up to in
# epoch, tmc = serial of the oldest slot still wanted, ref = current epoch and last counter used in it, uid
# = the card that paid last. SHOWN: the customer was told how the sale of this number ended. ASKED: the host
# is about to be asked for this amount. TAKEN: it said yes, value_fen is the balance after. kiosk_no: whose
# journal this is.
DEFAULTS: dict = dict.fromkeys(_FIELDS, 0)
DEFAULTS.update({"uid": b"", "tmv": b""})


def pack(values: dict) -> bytes:
    """Slot values by name (missing ones are 0) -> 64 bytes."""
    whole = dict(DEFAULTS)
    whole.update(values)
    whole["uid_size"] = len(whole["uid"])
    body = struct.pack(_SLOT, *[whole[name] for name in _FIELDS])
    return body + crc32(body).to_bytes(4, "little")


def unpack(slot) -> dict | None:  # type: ignore[no-untyped-def]
    """64 bytes -> values by name; None when the slot is blank, torn or worn."""
    body = bytes(slot[: SIZE - 4])
    if crc32(body) != int.from_bytes(bytes(slot[SIZE - 4 :]), "little"):
        return None
    values = dict(zip(_FIELDS, struct.unpack(_SLOT, body)))
    if not INTENT <= values["kind"] <= TAKEN:
        return None
    values["uid"] = values["uid"][: values["uid_size"]]
    return values
