"""Which images are refused, and by which word."""

MICROPYTHON_ONLY = True

import offers
from offers import NEW, OLD, SECRET, packed
from rig import chooser

from protocol.wire import image, updates
from update import rules

RECORD = [0, 0, chooser.PROVEN, 0, 0, 0, 0]


def word(new, old=None, mac=None, kind=0, floor=0):
    header = new[:64]
    record = RECORD[:]
    record[chooser.FLOOR] = floor
    old = old or packed(b"old", OLD)
    return rules.refusal(SECRET, kind, header, mac or updates.mac(SECRET, header), old[:64], record)


def test_a_newer_image_for_this_board_and_kiosk_is_taken():
    assert word(packed(b"new")) == ""
    assert word(packed(b"new"), kind=1) == ""


def test_another_kiosks_offer_is_refused():
    """Its MAC is right, under its own key."""
    header = packed(b"new")[:64]
    assert word(header, mac=updates.mac(bytes(32), header)) == "mac"


def test_a_header_changed_in_any_byte_is_refused():
    header = packed(b"new")[:64]
    mac = updates.mac(SECRET, header)
    for at in range(64):
        changed = bytearray(header)
        changed[at] ^= 1
        assert word(bytes(changed), mac=mac) == "mac", at


def test_what_runs_and_what_is_older_is_refused():
    assert word(packed(b"new", OLD)) == "old"
    assert word(packed(b"new", OLD - 1)) == "old"
    assert word(packed(b"new", NEW), floor=NEW) == "old"
    assert word(packed(b"new", NEW), floor=NEW - 1) == ""


def test_an_image_for_other_boards_is_refused():
    assert word(packed(b"new", boards=0b10)) == "board"
    assert word(packed(b"new", boards=0b01), kind=1) == "board"


def test_each_must_read_what_the_other_writes():
    assert word(packed(b"new", journal=(2, 0b110))) == "journal"  # no way back
    assert word(packed(b"new", journal=(2, 0b100))) == "journal"
    assert word(packed(b"new", journal=(1, 0b100))) == "journal"  # no way there
    both = packed(b"old", OLD, journal=(1, 0b110))
    assert word(packed(b"new", journal=(2, 0b110)), both) == ""


def test_what_is_no_header_is_refused_even_with_its_mac():
    for header in (bytes(64), b"\xff" * 64, b"TLU1" + bytes(60), packed(b"")[:64]):
        assert word(header) == "shape", header
    too_long = image.pack(NEW, image.LENGTH_MAX + 1, 3, (1, 2), bytes(32), b"")
    assert word(too_long) == "shape"
    assert (
        offers.image.unpack(image.pack(NEW, image.LENGTH_MAX, 3, (1, 2), bytes(32), b""))["length"] == 257984
    )
