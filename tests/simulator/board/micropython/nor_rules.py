"""Under MicroPython: the rules of the NOR model, one check a line of output ("ok NAME")."""

import io

import flash

SIZE_BYTES = 2 * flash.BLOCK_BYTES


class Stop(BaseException):
    pass


def stop(chip):
    raise Stop


def fresh():
    image = io.BytesIO(b"\xff" * SIZE_BYTES)
    chip = flash.Chip(stop)
    return image, chip, flash.Nor(image, SIZE_BYTES, chip)


def refused(action, *arguments):
    try:
        action(*arguments)
    except flash.FlashFault as fault:
        return str(fault)
    raise AssertionError("not refused")


def program_clears_bits_only():
    image, chip, nor = fresh()
    nor.program(100, b"\xf0" * 50)
    nor.program(100, b"\x30" * 50)
    before = image.getvalue()
    assert "erase first" in refused(nor.program, 90, b"\xff" * 59 + b"\x31")
    assert image.getvalue() == before
    assert before[100:150] == b"\x30" * 50 and before[:100] == b"\xff" * 100
    assert chip.operations == 3


def erase_sets_one_block():
    image, _, nor = fresh()
    nor.program(0, bytes(SIZE_BYTES))
    nor.erase(4096)
    assert image.getvalue() == bytes(4096) + b"\xff" * 4096
    assert "boundary" in refused(nor.erase, 100)


def outside_is_refused():
    _, _, nor = fresh()
    for action, arguments in (
        (nor.program, (SIZE_BYTES - 1, b"ab")),
        (nor.program, (-1, b"a")),
        (nor.erase, (SIZE_BYTES,)),
        (nor.read, (SIZE_BYTES, bytearray(1))),
    ):
        assert "partition" in refused(action, *arguments)


def torn_program_is_a_prefix():
    lengths = set()
    data = bytes(range(200))
    for seed in range(1, 60):
        image, chip, nor = fresh()
        chip.arm(2, seed * 77777)
        nor.program(4096, b"\x00")
        try:
            nor.program(0, data)
        except Stop:
            pass
        else:
            raise AssertionError("no cut")
        seen = image.getvalue()[:201]
        whole = 0
        while whole < 200 and seen[whole] == data[whole]:
            whole += 1
        lengths.add(whole)
        # The byte at the tear has some of its bits cleared, none that the data leaves set.
        if whole < 200:
            assert seen[whole] & data[whole] == data[whole]
        assert seen[whole + 1 :] == b"\xff" * (200 - whole)
    assert len(lengths) > 20


def torn_erase_leaves_a_part():
    ends = set()
    for seed in range(1, 30):
        image, chip, nor = fresh()
        nor.program(0, bytes(4096))
        chip.arm(1, seed * 31337)
        try:
            nor.erase(0)
        except Stop:
            pass
        else:
            raise AssertionError("no cut")
        seen = image.getvalue()[:4096]
        end = seen.find(b"\x00")
        end = 4096 if end < 0 else end
        assert seen == b"\xff" * end + bytes(4096 - end)
        ends.add(end)
    assert len(ends) > 10


def nothing_happens_after_the_cut():
    image, chip, nor = fresh()
    chip.arm(1, 5)
    for data in (b"\x00" * 40, b"\x01" * 40):
        try:
            nor.program(64, data)
        except Stop:
            pass
        else:
            raise AssertionError("alive after the cut")
        if data[0] == 0:
            before = image.getvalue()
    assert image.getvalue() == before


def block_device_erases_without_offset():
    image, _, nor = fresh()
    device = flash.BlockDevice(nor)
    device.writeblocks(0, b"\x00" * 4096)
    device.writeblocks(0, b"\x55" * 4096)
    device.writeblocks(1, b"\x0f", 10)
    buf = bytearray(2)
    device.readblocks(1, buf, 9)
    assert image.getvalue()[:4096] == b"\x55" * 4096 and buf == b"\xff\x0f"
    assert device.ioctl(4, 0) == 2 and device.ioctl(5, 0) == 4096 and device.ioctl(6, 1) == 0
    assert device.ioctl(99, 0) is None


for check in (
    program_clears_bits_only,
    erase_sets_one_block,
    outside_is_refused,
    torn_program_is_a_prefix,
    torn_erase_leaves_a_part,
    nothing_happens_after_the_cut,
    block_device_erases_without_offset,
):
    check()
    print("ok", check.__name__)
