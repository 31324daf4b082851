"""What a thief gets of a card without its keys, on the air and from its own mouth."""

import random
from collections.abc import Callable

from simulator.card import ClassicCard, CopiedCard, DesfireCard, Ntag424Card
from simulator.card.contactless import ContactlessCard
from simulator.reader import Field
from simulator.thief import PROBE, Ear, copy, read

UID = bytes.fromhex("04112233445566")
VERSION = bytes.fromhex("9060000000")
LONG = bytes.fromhex("903d000037 02 000000 300000".replace(" ", "")) + bytes(48) + b"\x00"
SELECT_TAG = bytes.fromhex("00a4040c07d276000085010100")
READ = bytes.fromhex("00b00000fa")


def ear_of(card: ContactlessCard) -> tuple[Ear, Callable[[bytes], bytes | None]]:
    """(an ear at a field with the card, frames to the card)"""
    field, ear = Field(), Ear()
    field.frame_listeners.append(ear)
    field.place(card)
    field.activate(card)
    return ear, lambda frame: field.transceive(card, frame)


def test_an_ear_puts_chained_blocks_together() -> None:
    ear, send = ear_of(DesfireCard(UID, random.Random(1)))
    assert send(b"\xe0\x50")
    assert send(b"\x02" + VERSION) is not None
    cut = 30
    assert send(b"\x13" + LONG[:cut]) == b"\xa3"  # the card asks for the next part
    assert send(b"\x02" + LONG[cut:]) is not None
    (first, told), (second, refused) = ear.heard(UID)
    assert (first, second) == (VERSION, LONG)
    assert told.endswith(b"\x91\xaf") and len(refused) == 2
    assert ear.heard(b"\x04other!") == []


def test_an_answer_in_parts_is_heard_whole() -> None:
    card = Ntag424Card(UID, random.Random(1))
    ear, send = ear_of(card)
    send(b"\xe0\x00")  # frames of 16 bytes
    send(b"\x02" + SELECT_TAG)
    send(b"\x03" + bytes.fromhex("00a4000c02e104"))
    answer, block, inside = send(b"\x02" + READ), 1, b""
    while answer is not None and answer[0] & 0x10:
        inside += answer[1:]
        answer, block = send(bytes([0xA2 | block])), block ^ 1
    assert answer is not None
    assert ear.heard(UID)[-1] == (READ, inside + answer[1:])
    assert len(inside) > 200


def test_of_a_card_with_keys_a_copy_has_the_words_alone() -> None:
    card = DesfireCard(UID, random.Random(1))
    copied = copy(card, [(b"\x90\xaf\x01", b"on the air")])
    assert isinstance(copied, CopiedCard)
    assert (copied.uid, copied.atqa, copied.sak) == (card.uid, card.atqa, card.sak)
    copied.enter_field()
    card.enter_field()
    assert copied.rf_frame(b"\xe0\x50") == card.rf_frame(b"\xe0\x50")
    assert copied.exchange(VERSION) == card.exchange(VERSION)
    assert copied.exchange(b"\x90\xaf\x01") == b"on the air"
    secrets = [key.value for app in card.chip.state.applications.values() for key in app.keys]
    assert all(secret.hex() not in str(copied.dump()) for secret in secrets if any(secret))


def test_a_card_that_is_all_uid_is_copied_perfectly() -> None:
    card = ClassicCard(b"\x42\x01\x02\x03")
    assert copy(card).dump() == card.dump()


def test_reading_leaves_the_card_where_it_was() -> None:
    card = DesfireCard(UID, random.Random(1))
    before = card.dump()
    _, heard = read(card)
    assert [asked for asked, _ in heard] == list(PROBE)
    assert (card.dump(), card.in_field) == (before, False)
