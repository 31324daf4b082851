"""PN532 driver against recordings of other drivers: it frames as they do and understands what they got.

The recordings (tests/data/pn532) were made by tests/strangers/record.py, which says how.
"""

MICROPYTHON_ONLY = True

import asyncio
import json
import os

from mp_pn532 import Line, Pin, no_baud

from drivers import pn532

FOLDER = __file__.rsplit("/", 3)[0] + "/data/pn532"
NO_FELICA = pn532.ACK + b"\x00\x00\xff\x03\xfd\xd5\x4b\x00\xe0\x00"
PURSE_UID, CLASSIC_UID = bytes([4, 1, 2, 3, 4, 5, 6]), bytes([1, 2, 3, 4])


def recordings():
    """-> (name, content) of each"""
    names = sorted(name for name in os.listdir(FOLDER) if name.endswith(".json"))
    assert names
    for name in names:
        with open(FOLDER + "/" + name) as file:
            yield name, json.load(file)


def commands(line):
    """Turns of a recording -> (command frame as sent, its body, what the chip said) of each answered one."""
    for at in range(len(line) - 1):
        (who, sent), (_, said) = line[at], line[at + 1]
        if who == "host":
            sent = bytes.fromhex(sent)
            start = sent.rfind(b"\x00\x00\xff", 0, sent.find(b"\xd4"))
            length = sent[start + 3]
            if length != 0xFF:
                yield sent[start:], sent[start + 5 : start + 5 + length], bytes.fromhex(said)


def parsed(said):
    """Chip's turn -> parameters of its answer, read in another way than the driver does."""
    assert said[:6] == pn532.ACK
    frame = said[6:]
    assert len(frame) == frame[3] + 7
    assert frame[5] == 0xD5
    return frame[7:-2]


def test_the_driver_sends_the_same_frames_and_reads_the_same_answers():
    seen = set()
    for name, content in recordings():
        for frame, body, said in commands(content["line"]):
            assert body[0] == 0xD4, name
            line = Line(said)
            answer = asyncio.run(pn532.Pn532(line, Pin(), no_baud).command(body[1], body[2:]))
            assert line.sent == [frame], (name, line.sent, frame)
            assert answer == parsed(said), (name, frame)
            seen.add(body[1])
    # what the driver itself sends is among it
    assert seen >= {pn532.FIRMWARE_VERSION, pn532.SAM_CONFIGURATION, pn532.RF_CONFIGURATION}, seen
    assert seen >= {pn532.LIST_PASSIVE, pn532.EXCHANGE, pn532.RELEASE}, seen


def test_the_cards_that_others_found_are_found():
    uids = {"purse": (PURSE_UID, 0x20), "classic": (CLASSIC_UID, 0x08)}
    looks = 0
    for name, content in recordings():
        there = [uids[card] for card in content["field"]]
        for _, body, said in commands(content["line"]):
            if body[1:4] != b"\x4a\x01\x00":
                continue
            line = Line(said, NO_FELICA)
            found = asyncio.run(pn532.Pn532(line, Pin(), no_baud).find())
            assert found == (there[0] if there else None), (name, found)
            looks += 1
    assert looks > 5, looks


def test_what_cards_told_others_is_understood():
    exchanges = 0
    for name, content in recordings():
        for _, body, said in commands(content["line"]):
            if body[1:3] == b"\x40\x01":
                answer = asyncio.run(pn532.Pn532(Line(said), Pin(), no_baud).transceive(body[3:]))
                assert answer == parsed(said)[1:] and answer[-2] == 0x91, name
                exchanges += 1
    assert exchanges, exchanges
