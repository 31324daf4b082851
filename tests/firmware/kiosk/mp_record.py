"""Journal slots: what was written is read back, anything else is no record."""

from kiosk import record


def test_a_slot_comes_back_as_it_was_written():
    values = {
        "serial": 77,
        "kind": record.SETTLED,
        "epoch": 3,
        "counter": 0xFFFFFFFF,
        "uid": b"\x04\x00\x00\x01",
        "issue": 65535,
        "amount_fen": 500000,
        "tmc": 9,
        "value_fen": -5,
        "tmv": b"abcdefgh",
        "happened_s": 1800000000,
        "ref_epoch": 2,
        "ref_counter": 8,
        "paid": 1,
        "kiosk_no": 0xFFFFFFFF,
    }
    slot = record.pack(values)
    assert len(slot) == record.SIZE
    assert record.unpack(slot) == dict(values, uid_size=4)


def test_a_blank_slot_and_every_single_flipped_bit_are_no_record():
    assert record.unpack(record.BLANK) is None
    assert record.unpack(bytes(record.SIZE)) is None
    slot = record.pack({"kind": record.INTENT, "uid": b"1234567"})
    for bit in range(8 * record.SIZE):
        bad = bytearray(slot)
        bad[bit // 8] ^= 1 << bit % 8
        assert record.unpack(bad) is None, bit


def test_a_kind_of_a_later_firmware_is_no_record():
    assert record.unpack(record.pack({"kind": record.TAKEN + 1})) is None
