"""An image is fetched into the other slot; what is damaged is refused; a cut of power or line goes on where
it was.
"""

MICROPYTHON_ONLY = True

import asyncio

from offers import NEW, OLD, Host, Teller, held, kiosk, packed, put, rom, updating
from rig import WAYS, Flash, chooser, cut, on

from protocol.wire import updates
from update import fetch, talk

CONTENT = packed(rom(9000))
STARTED, REFUSED = (7, updates.FETCHING, OLD, NEW, ""), updates.REFUSED
fetch.WAIT_MS = 30


async def quick(_ms):
    pass


def fetched(host, teller=None):
    """One run of fetch() -> its word."""
    task = updating(host, teller)
    return asyncio.run(fetch.fetch(task, host.offer()))


def test_the_image_lies_whole_in_the_other_slot_and_what_runs_is_untouched():
    flash = kiosk()
    put(flash, 1, rom(4 * 4096, 5))  # an older image was there
    before = held(flash, 0, chooser.SLOT_BYTES)
    host = Host(CONTENT)
    assert fetched(host) == fetch.HELD
    assert held(flash, 1, len(CONTENT)) == CONTENT
    assert held(flash, 1, chooser.SLOT_BYTES)[len(CONTENT) :] == b"\xff" * (chooser.SLOT_BYTES - len(CONTENT))
    assert held(flash, 0, chooser.SLOT_BYTES) == before
    assert host.said == [STARTED]
    assert host.asked == [64, 4096, 8192]
    assert chooser.load()[chooser.ACTIVE] == 0, "nothing is switched by this"


def test_every_mode_has_a_moment_in_which_an_update_comes():
    for state, comes in (("AMOUNT", True), ("CARD_WAIT", True), ("COMMIT", False), ("RESULT", False)):
        kiosk()
        teller = Teller()
        teller.state = state
        task = updating(Host(CONTENT), teller)
        assert talk.is_idle(task) == comes, state


def refused(content, spoil=None):
    flash = kiosk()
    host = Host(content)
    host.spoil = spoil
    word = fetched(host)
    assert held(flash, 1, 4) != b"TLU1" or word == fetch.LOST, "its header is gone: nobody goes on with it"
    return word


def test_a_body_that_is_not_the_headers_is_refused():
    """Half signed: the header is right, and its MAC, and what follows is another firmware."""
    other = CONTENT[:64] + rom(9000, 2)
    assert refused(other) == "hash"
    for at in (64, 5000, 9063):
        changed = bytearray(CONTENT)
        changed[at] ^= 0x10
        assert refused(bytes(changed)) == "hash", at


def test_a_truncated_image_is_never_whole():
    assert refused(CONTENT[:-1]) == fetch.LOST
    assert refused(CONTENT[:3000]) == fetch.LOST
    assert refused(CONTENT[:64]) == fetch.LOST


def test_random_pieces_are_refused():
    def spoil(piece):
        return dict(piece, data=rom(len(piece["data"]), piece["offset"]))

    assert refused(CONTENT, spoil) == "hash"


def test_pieces_that_nobody_asked_for_are_passed_over():
    """Of another roll-out, of another place, too long: then the right ones are asked for again."""
    turns = []

    def spoil(piece):
        turns.append(piece)
        n = len(turns)
        if n == 1:
            return dict(piece, rollout=8)
        if n == 2:
            return dict(piece, offset=piece["offset"] + 1024)
        if n == 3:
            return dict(piece, data=piece["data"] + b"x")
        return piece

    flash = kiosk()
    host = Host(CONTENT)
    host.spoil = spoil
    assert fetched(host) == fetch.HELD
    assert held(flash, 1, len(CONTENT)) == CONTENT


def test_flash_that_keeps_nothing_is_told():
    flash = kiosk()
    write = flash.writeblocks
    flash.writeblocks = lambda block, data, offset=0: write(
        block, data[:-1] + b"\0" if block > 7 else data, offset
    )
    assert fetched(Host(CONTENT)) == "flash"


def test_while_somebody_is_served_nothing_is_written():
    operations = []
    flash = kiosk(lambda at, new: operations.append(at))
    teller = Teller()
    teller.state = "COMMIT"
    host = Host(CONTENT)
    task = updating(host, teller)

    async def both():
        fetching = asyncio.create_task(fetch.fetch(task, host.offer()))
        await asyncio.sleep_ms(300)
        assert not operations
        teller.state = "CARD_WAIT"
        return await fetching

    assert asyncio.run(both()) == fetch.HELD
    assert operations and held(flash, 1, len(CONTENT)) == CONTENT


def test_a_lost_line_goes_on_where_it_stopped():
    flash = kiosk()
    host = Host(CONTENT)
    host.spoil = lambda piece: piece if piece["offset"] < 6000 else dict(piece, rollout=1)
    assert fetched(host) == fetch.LOST
    again = Host(CONTENT)
    assert fetched(again) == fetch.HELD
    assert again.asked == [4096, 8192], "the block that had begun, and what came after"
    assert held(flash, 1, len(CONTENT)) == CONTENT


def test_during_a_trial_the_way_back_is_left_alone():
    flash = kiosk()
    record = chooser.load()
    record[chooser.LEFT] = 2
    chooser.store(record)
    before = flash.operations
    assert fetched(Host(CONTENT)) == fetch.LOST
    assert flash.operations == before


def test_power_may_go_at_any_operation():
    """Whatever was there before: the next run ends with the whole image, and what runs was never touched."""
    for old in (b"", rom(3 * 4096, 5), CONTENT[:5000], packed(rom(9000, 3))):
        operations = []
        flash = kiosk(lambda at, new, kept=operations: kept.append((at, new)))
        put(flash, 1, old)
        memory = bytearray(flash.memory)
        running = held(flash, 0, chooser.SLOT_BYTES)
        assert fetched(Host(CONTENT)) == fetch.HELD
        assert len(operations) >= 6
        for number, (at, new) in enumerate(operations):
            for way in WAYS:
                flash = on(Flash(cut(memory, at, new, way, number + 1)))
                assert chooser.load() == [0, 0, chooser.PROVEN, 0, 0, 0, 0]
                assert fetched(Host(CONTENT)) == fetch.HELD, (way, number)
                assert held(flash, 1, len(CONTENT)) == CONTENT, (way, number)
                assert held(flash, 0, chooser.SLOT_BYTES) == running
            memory[at : at + len(new)] = new
