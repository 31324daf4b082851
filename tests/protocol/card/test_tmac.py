"""Transaction MAC: published session keys, the form of its input, and agreement with the virtual card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.card import layout, tmac
from simulator.card import crypto

KEY, UID = bytes(range(16)), bytes.fromhex("04010203040506")


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**32 - 2))
def test_session_keys_as_the_virtual_card_derives_them(key: bytes, tmc: int) -> None:
    assert tmac.session_keys(key, UID, tmc) == crypto.tmac_session_keys(key, UID, tmc)


@pytest.mark.parametrize(
    ("command", "value_fen", "expected"),
    [
        (tmac.GET_VALUE, 0, "6c02" + "00000000" + "00" * 10),
        (tmac.DEBIT, 2500, "dc02" + "c4090000" + "00" * 10),
        (tmac.CREDIT, 500_000, "0c02" + "20a10700" + "00" * 10),
        (tmac.GET_VALUE, -1, "6c02" + "ffffffff" + "00" * 10),
    ],
)
def test_value_commands_take_one_block(command: int, value_fen: int, expected: str) -> None:
    assert tmac.value_input(command, 2, value_fen).hex() == expected


@pytest.mark.parametrize(("size", "blocks"), [(1, 2), (16, 2), (24, 3), (32, 3)])
def test_a_record_takes_a_header_block_and_whole_blocks_of_data(size: int, blocks: int) -> None:
    part = tmac.record_input(3, b"\x55" * size)
    assert len(part) == 16 * blocks
    assert part[:16] == bytes([0x8B, 3, 0, 0, 0, size, 0, 0]) + bytes(8)
    assert part[16:].rstrip(b"\x00") == b"\x55" * size


def test_the_tmv_depends_on_every_part_of_a_sale() -> None:
    record = layout.log_record(1, 2, 3, 2500, 7500, 1_800_000_000)

    def tmv(
        key: bytes = KEY, uid: bytes = UID, tmc: int = 5, before: int = 10_000, amount: int = 2500,
        log: bytes = record,
    ) -> bytes:  # fmt: skip
        tmi = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, before, amount, log)
        return tmac.tmv(key, uid, tmc, tmi)

    others = [
        tmv(key=KEY[::-1]), tmv(uid=UID[::-1]), tmv(tmc=6), tmv(before=10_001), tmv(amount=2501),
        tmv(log=record[:-1] + b"\x01"),
    ]  # fmt: skip
    assert len({tmv(), *others}) == 7
    assert len(tmv()) == 8
