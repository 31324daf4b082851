"""libnfc's nfc-list, as Debian ships it, over the serial line."""

import os
import re
import shutil
import subprocess

import pytest

from simulator.card import ClassicCard, ContactlessCard, FelicaCard
from simulator.reader import Field, Pn532, PtyReader
from tests.simulator.card.terminal import out_of_field

KINDS = ("ISO14443A", "Felica (212 kbps)", "Felica (424 kbps)", "ISO14443B", "ISO14443A-3 Jewel")


def nfc_list(*cards: ContactlessCard, chip: Pn532 | None = None) -> str:
    """What it prints of a reader with these cards; it must end with 0 and without an error of the reader."""
    program = shutil.which("nfc-list")
    if program is None:
        pytest.skip("needs apt package libnfc-bin")
    field = chip.field if chip else Field()
    for card in cards:
        field.place(card)
    with PtyReader(chip or Pn532(field)) as reader:
        device = f"pn532_uart:{reader.path}"
        done = subprocess.run(
            [program, "-v"],
            env={**os.environ, "LIBNFC_DEVICE": device},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert "pn532" not in done.stderr, done.stderr  # it may complain of missing USB
    return done.stdout


def counts(said: str) -> dict[str, int]:
    found = re.findall(r"^(\d+) (.+) passive target\(s\) found", said, re.MULTILINE)
    return {kind: int(count) for count, kind in found}


def test_an_empty_field() -> None:
    said = nfc_list()
    assert "NFC device:" in said
    assert set(KINDS) <= set(counts(said)) and not any(counts(said).values())


def test_a_purse_card_is_a_desfire() -> None:
    said = nfc_list(out_of_field())
    assert counts(said)["ISO14443A"] == 1 and sum(counts(said).values()) == 1
    assert re.search(r"ATQA \(SENS_RES\): 03  44", said)
    assert re.search(r"UID \(NFCID1\): 04  01  02  03  04  05  06", said)
    assert "Frame Waiting Time: 77.33 ms" in said and "* MIFARE DESFire EV1 2K/4K/8K" in said


def test_the_reader_is_found_again_after_it_was_sent_to_sleep() -> None:
    chip = Pn532(Field())
    for _ in range(2):
        assert "opened" in nfc_list(chip=chip)


def test_a_classic_card() -> None:
    said = nfc_list(ClassicCard(b"\x01\x02\x03\x04"))
    assert counts(said)["ISO14443A"] == 1
    assert re.search(r"UID \(NFCID1\): 01  02  03  04", said)
    assert "* MIFARE Classic 1K" in said


def test_a_felica_card() -> None:
    said = nfc_list(FelicaCard(bytes.fromhex("0123456789ABCDEF")))
    assert counts(said)["Felica (212 kbps)"] == counts(said)["Felica (424 kbps)"] == 1
    assert re.search(r"ID \(NFCID2\): 01  23  45  67  89  ab  cd  ef", said)
