"""The allow-list in flash: part by part without a gap, there after a restart, damaged parts told anew."""

from disk import Disk

from kiosk.allowed import PATH, forget, holds, load, take
from protocol.wire import envelope, lists, messages
from protocol.wire.mac import kiosk_keys

_, DOWN, SEAL = kiosk_keys(b"s" * 32)
KEY = lists.list_key(SEAL)


def card(n):
    """(UID, card data file) of a made-up card."""
    return b"\x04" + n.to_bytes(6, "big"), bytes([n % 251]) * 32


def message(version, after, part, cards, key=DOWN):
    """(fields, message) of a part with these cards."""
    prints = b"".join(sorted([lists.fingerprint(KEY, lists.seed(*card(n))) for n in cards]))
    body = messages.body(
        messages.ALLOWED, nonce=b"12345678", version=version, part=part, after=after, fingerprints=prints
    )
    whole = envelope.seal(key, messages.DOWN, "K1", (0, version), messages.ALLOWED, body)
    return messages.fields(messages.ALLOWED, body), whole


class Settings:
    """What a list needs of them."""

    kiosk, down_key, seal_key = "K1", DOWN, SEAL

    def __init__(self, disk):
        self.flash, self.allowed_version, self.allowed_places = disk, 0, {}


def started(disk):
    settings = Settings(disk)
    load(settings)
    return settings


def test_cards_are_found_in_every_part_and_after_a_restart():
    disk = Disk()
    allowed = started(disk)
    assert allowed.allowed_version == 0 and not holds(allowed, *card(1))
    assert take(allowed, *message(4, 0, 1, range(lists.PART_MAX)))
    assert take(allowed, *message(5, 4, 2, range(1000, 1300)))
    assert take(allowed, *message(6, 5, 0, [2000]))
    for one in (allowed, started(disk)):
        assert one.allowed_version == 6
        for n in (0, 127, 128, 500, lists.PART_MAX - 1, 1000, 1299, 2000):
            assert holds(one, *card(n)), n
        assert not [n for n in range(3000, 3200) if holds(one, *card(n))]


def test_the_uid_alone_is_no_way_in():
    allowed = started(Disk())
    take(allowed, *message(1, 0, 0, [7]))
    uid, data = card(7)
    assert holds(allowed, uid, data)
    assert not holds(allowed, uid, bytes(32)) and not holds(allowed, uid, data[:-1] + b"\x00")
    assert not holds(allowed, card(8)[0], data)


def test_each_kiosk_has_a_list_of_its_own():
    mine, other = KEY, lists.list_key(kiosk_keys(b"t" * 32)[2])
    seeds = [lists.seed(*card(n)) for n in range(50)]
    assert not {lists.fingerprint(mine, seed) for seed in seeds} & {
        lists.fingerprint(other, seed) for seed in seeds
    }


def test_a_part_that_would_leave_a_gap_is_not_taken():
    disk = Disk()
    allowed = started(disk)
    assert not take(allowed, *message(5, 4, 2, [1]))
    assert (allowed.allowed_version, disk.files) == (0, {})
    assert take(allowed, *message(4, 0, 1, [2])) and take(allowed, *message(5, 4, 2, [1]))
    writes = disk.writes
    assert take(allowed, *message(4, 0, 1, [2]))  # known: it is said again, nothing is written
    assert (disk.writes, allowed.allowed_version) == (writes, 5)


def test_a_part_replaces_what_it_held():
    allowed = started(Disk())
    take(allowed, *message(1, 0, 0, [1, 2]))
    take(allowed, *message(2, 1, 0, [2, 3]))
    assert [holds(allowed, *card(n)) for n in (1, 2, 3)] == [False, True, True]
    take(allowed, *message(3, 2, 0, []))
    assert not holds(allowed, *card(2)) and allowed.allowed_version == 3


def test_a_damaged_or_foreign_file_is_no_list_and_all_is_asked_anew():
    disk = Disk()
    allowed = started(disk)
    take(allowed, *message(1, 0, 1, [1]))
    take(allowed, *message(2, 1, 0, [2]))
    good = disk.files[PATH % 1]
    bad = [b"", good[:-1], good[:30] + bytes([good[30] ^ 1]) + good[31:], disk.files[PATH % 0]]
    bad.append(message(1, 0, 1, [1], key=b"x" * 32)[1])
    for stored in bad:
        disk.files[PATH % 1] = stored
        again = started(disk)
        assert again.allowed_version == 0
        assert (holds(again, *card(1)), holds(again, *card(2))) == (False, True)
        assert take(again, *message(1, 0, 1, [1])) and take(again, *message(2, 1, 0, [2]))
        assert holds(again, *card(1)) and started(disk).allowed_version == 2


def test_a_full_flash_leaves_the_old_part_in_force():
    disk = Disk()
    allowed = started(disk)
    take(allowed, *message(1, 0, 0, [1]))
    disk.full = True
    assert not take(allowed, *message(2, 1, 0, [2]))
    assert allowed.allowed_version == 1 and holds(allowed, *card(1)) and not holds(allowed, *card(2))


def test_a_restored_host_makes_it_forget():
    disk = Disk()
    allowed = started(disk)
    take(allowed, *message(9, 0, 3, [1]))
    assert allowed.allowed_version == 9
    forget(allowed)
    assert (allowed.allowed_version, holds(allowed, *card(1)), disk.files) == (0, False, {})


def test_the_largest_part_fits_one_block_of_flash():
    version = messages.U32
    assert len(message(version, version, lists.PARTS - 1, range(lists.PART_MAX))[1]) + 32 <= 4096
