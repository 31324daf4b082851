"""The slot that does not run: what is written is what is there, and where an update goes on after a cut."""

MICROPYTHON_ONLY = True

import asyncio
import hashlib

import offers
from rig import chooser

from protocol.wire.image import SIZE
from update import slot

BLOCK = 4096


async def pause():
    PAUSES.append(1)


PAUSES = []


def blank():
    """The flash of a kiosk that runs from slot 0; slot 1 is erased."""
    PAUSES.clear()
    return offers.kiosk()


def test_an_update_goes_to_the_slot_that_does_not_run():
    blank()
    assert slot.number() == 1
    chooser.running = 1
    assert slot.number() == 0
    chooser.running = 0


def test_what_was_written_is_read_back_from_its_own_slot_alone():
    flash = blank()
    before = offers.held(flash, 0, BLOCK)
    slot.write(1, 2 * BLOCK + 1024, b"abc" * 300)
    found = bytearray(900)
    slot.read(1, 2 * BLOCK + 1024, found)
    assert bytes(found) == b"abc" * 300
    assert offers.held(flash, 0, BLOCK) == before
    assert slot.header(1) == b"\xff" * SIZE and slot.header(0) == before[:SIZE]


def test_flash_that_keeps_something_else_is_an_error():
    flash = blank()
    real = flash.writeblocks
    for spoilt in (b"abd", b""):
        flash.writeblocks = lambda block, data, at, spoilt=spoilt: real(block, spoilt, at)
        try:
            slot.write(1, len(spoilt) * 1024, b"abc")
        except OSError as error:
            assert "did not keep" in str(error)
        else:
            raise AssertionError("nobody noticed")


def test_erasing_takes_the_whole_block_with_this_place_and_no_other():
    blank()
    for at in (0, BLOCK, 2 * BLOCK):
        slot.write(1, at + 100, b"x")
    slot.erase(1, BLOCK + 4095)
    assert [slot.is_blank(1, at) for at in (0, BLOCK, 2 * BLOCK)] == [False, True, False]


def test_one_bit_anywhere_in_a_block_is_not_blank():
    for at in (0, 1023, 1024, 4095):
        blank()
        assert slot.is_blank(1, 0)
        slot.write(1, at, b"\xfe")
        assert not slot.is_blank(1, 0), at
        assert slot.is_blank(1, BLOCK)


def frontier(end):
    return asyncio.run(slot.frontier(1, end, pause))


def test_an_update_goes_on_at_the_last_block_that_has_something():
    blank()
    assert frontier(3 * BLOCK) == 0, "nothing is there: from the front"
    slot.write(1, 0, b"header")
    assert frontier(3 * BLOCK) == 0
    slot.write(1, BLOCK + 4000, b"x")
    assert frontier(3 * BLOCK) == BLOCK, "the one in which it ended, for it may be torn"
    slot.write(1, 2 * BLOCK, b"x")
    assert frontier(3 * BLOCK) == frontier(2 * BLOCK + 1) == 2 * BLOCK
    assert frontier(2 * BLOCK) == BLOCK, "what stands behind the image's end does not count"
    assert len(PAUSES) == 2 + 2 + 1, "others are let in before each further block"


def test_the_digest_is_of_all_behind_the_header_up_to_the_end():
    content = offers.rom(2 * BLOCK + 700)
    for end in (SIZE, SIZE + 1, 1024, 1025, BLOCK, len(content)):
        flash = blank()
        offers.put(flash, 1, content)
        found = asyncio.run(slot.digest(1, end, pause))
        assert found == hashlib.sha256(content[SIZE:end]).digest(), end
    spoilt = bytearray(content)
    spoilt[-1] ^= 1
    offers.put(flash, 1, spoilt)
    assert asyncio.run(slot.digest(1, len(content), pause)) != found
