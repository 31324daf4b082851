"""libfreefare, as a library, uses every kind of file in every way of messaging: `read.py WAY`.

WAY: des and 2k3des authenticate with 0A; des-iso, 2k3des-iso and 3k3des with 1A; aes with AA. The reader is
the one that LIBNFC_DEVICE names; the card is a blank one and is formatted at the end.
"""

import ctypes
import sys
from ctypes import CDLL, byref, c_int32, c_size_t, c_uint8, c_uint32, c_void_p
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent)]

import bus

NFC, LIBRARY = CDLL("libnfc.so.6"), CDLL("libfreefare.so.0")
MODES = {"plain": 0, "mac": 1, "full": 3}
STANDARD, BACKUP, VALUE, LINEAR, CYCLIC = range(1, 6)
READ, WRITE, BOTH, CHANGE = 1, 2, 3, 0
RIGHTS = READ << 12 | WRITE << 8 | BOTH << 4 | CHANGE
AID = 0x112233
KEYS = {  # constructor, bytes, authentication, creation of an application
    "des": ("des", 8, "", ""),
    "des-iso": ("des", 8, "_iso", ""),
    "2k3des": ("3des", 16, "", ""),
    "2k3des-iso": ("3des", 16, "_iso", ""),
    "3k3des": ("3k3des", 24, "_iso", "_3k3des"),
    "aes": ("aes", 16, "_aes", "_aes"),
}


def pointer(name, *arguments):
    call = getattr(LIBRARY, f"mifare_desfire_{name}")
    call.restype = c_void_p
    return c_void_p(call(*arguments))


class Card:
    """Calls mifare_desfire_NAME and stops when it fails."""

    def __init__(self):
        NFC.nfc_open.restype = c_void_p
        LIBRARY.freefare_get_tags.restype = ctypes.POINTER(c_void_p)
        context = c_void_p()
        NFC.nfc_init(byref(context))
        device = c_void_p(NFC.nfc_open(context, None))
        self.tag = c_void_p(LIBRARY.freefare_get_tags(device)[0])
        self.do("connect")

    def do(self, name, *arguments):
        done = getattr(LIBRARY, f"mifare_desfire_{name}")(self.tag, *arguments)
        status = LIBRARY.mifare_desfire_last_picc_error(self.tag)
        assert done >= 0, f"{name}{arguments}: status {status:02X}"
        return done

    def read(self, name, number, first, count, size):
        buffer = ctypes.create_string_buffer(size + 64)
        length = self.do(name, number, first, c_size_t(count), buffer)
        return buffer.raw[:length].hex()

    def value(self):
        value = c_int32()
        self.do("get_value", VALUE, byref(value))
        return value.value


def new_key(way, filling):
    """`filling` 0 is the key of zeros, which for libfreefare is a DES key even where 2K3DES keys are used."""
    kind, size, _, _ = KEYS[way if filling or "2k3des" not in way else "des"]
    value = (c_uint8 * size)(*((filling + 2 * n) % 256 if filling else 0 for n in range(size)))
    return pointer(f"{kind}_key_new", value)


def authenticate(card, way, number, filling):
    card.do(f"authenticate{KEYS[way][2]}", number, new_key(way, filling))


def prepare(card, way):
    """An application with four keys of its own, and a file of each kind in it."""
    aid = pointer("aid_new", c_uint32(AID))
    card.do(f"create_application{KEYS[way][3]}", aid, 0x0F, 4)
    card.do("select_application", aid)
    authenticate(card, way, 0, 0)
    for number in (READ, WRITE, BOTH):
        card.do("change_key", number, new_key(way, 16 * number), new_key(way, 0))
    card.do("change_key", 0, new_key(way, 0x40), new_key(way, 0))
    authenticate(card, way, 0, 0x40)
    card.do("create_std_data_file", STANDARD, 0, RIGHTS, 100)
    card.do("create_backup_data_file", BACKUP, 0, RIGHTS, 40)
    card.do("create_value_file", VALUE, 0, RIGHTS, -1000, 1000, 0, 1)
    card.do("create_linear_record_file", LINEAR, 0, RIGHTS, 25, 6)
    card.do("create_cyclic_record_file", CYCLIC, 0, RIGHTS, 25, 3)


def transact(card, way, mode, filling):
    """Changes every file at once, under the key that may do all; what is read before and after the commit."""
    authenticate(card, way, 0, 0x40)
    for number in range(STANDARD, CYCLIC + 1):
        card.do("change_file_settings", number, MODES[mode], RIGHTS)
    authenticate(card, way, BOTH, 16 * BOTH)
    for number, offset, size in ((STANDARD, 10, 80), (BACKUP, 3, 30)):
        card.do("write_data", number, offset, c_size_t(size), bytes([filling]) * size)
    for number in (LINEAR, CYCLIC):
        card.do("write_record", number, 5, c_size_t(20), bytes([filling]) * 20)
    card.do("credit", VALUE, 300)
    card.do("debit", VALUE, 200)
    before = card.value()
    card.do("commit_transaction")
    card.do("limited_credit", VALUE, 200)
    card.do("commit_transaction")
    card.do("debit", VALUE, 200)
    card.do("abort_transaction")
    after = card.value()
    authenticate(card, way, READ, 16 * READ)
    return {
        "value": [before, after],
        "standard": card.read("read_data", STANDARD, 0, 0, 100),
        # 30, as it makes the MAC of an answer of whole blocks over one block too many.
        "backup": card.read("read_data", BACKUP, 2, 30, 30),
        "linear": card.read("read_records", LINEAR, 0, 0, 150),
        "cyclic": card.read("read_records", CYCLIC, 0, 1, 25),
    }


def main(way):
    card = Card()
    prepare(card, way)
    saw = {mode: transact(card, way, mode, 0xA0 + at) for at, mode in enumerate(MODES)}
    authenticate(card, way, 0, 0x40)
    uid = ctypes.c_char_p()
    card.do("get_card_uid", byref(uid))
    card.do("delete_file", LINEAR)
    card.do("select_application", None)
    card.do("authenticate", 0, new_key("des", 0))
    card.do("format_picc")
    bus.done({**saw, "uid": uid.value.decode()})


main(sys.argv[1])
