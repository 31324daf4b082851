import threading
import time

import pytest

from simulator.card import ClassicCard, ContactlessCard, LeftField
from simulator.reader import Field, Pn532
from tests.simulator.card.terminal import UID, Gone, Terminal, blank_card, out_of_field, sell
from tests.simulator.reader.host_side import ACK, awake, bodies, frame


def by_apdu(field: Field, card: ContactlessCard) -> Terminal:
    """A terminal on a reader that hides the frames."""

    def exchange(apdu: bytes) -> bytes | None:
        answer = field.exchange(card, apdu)
        field.delivered(card)
        return answer

    return Terminal(exchange)


def test_placing_and_removing_is_told() -> None:
    field, events = Field(), []
    field.on_event = lambda kind, detail: events.append((kind, detail))
    card = out_of_field()
    field.place(card)
    assert field.card is card and field.cards == (card,) and card.in_field
    field.remove()
    assert field.card is None and not card.in_field
    field.remove()
    assert events == [("placed", UID.hex()), ("removed", UID.hex())]


def test_an_armed_pull_empties_the_field_and_says_where() -> None:
    field, events = Field(), []
    field.on_event = lambda kind, detail: events.append((kind, detail))
    card = out_of_field()
    card.arm_pull("commit-sent")
    field.place(card)
    with pytest.raises(Gone):
        sell(by_apdu(field, card), 2_500)
    assert events[1:] == [("gone", "commit-sent")]
    assert field.card is None and field.wait_removed(0)
    field.remove(card)
    field.place(card)
    assert sell(by_apdu(field, card), 100)[0] == 3


def test_a_card_can_be_torn_while_it_is_placed() -> None:
    field, events = Field(), []
    field.on_event = lambda kind, detail: events.append((kind, detail))
    card = out_of_field()

    def tear(when: str, step: str) -> None:
        if (when, step) == ("after", "commit seal") or step.startswith("commit file"):
            raise LeftField

    card.tear_hook = tear
    field.place(card)
    with pytest.raises(Gone):
        sell(by_apdu(field, card), 2_500)
    field.place(card)
    assert field.card is None
    assert [kind for kind, _ in events] == ["placed", "gone", "placed", "gone"]
    card.tear_hook = None
    field.place(card)
    assert sell(by_apdu(field, card), 100)[0] == 3


def test_room_for_two() -> None:
    field = Field()
    first, second = out_of_field(), ClassicCard(b"\x01\x02\x03\x04")
    field.place(first)
    with pytest.raises(ValueError, match="in a field already"):
        Field().place(first)
    field.place(second)
    with pytest.raises(ValueError, match="holds 2 cards"):
        field.place(ClassicCard(bytes(4)))
    field.remove(first)
    assert field.card is second


def test_a_card_elsewhere_is_silent() -> None:
    field, card = Field(), out_of_field()
    assert field.transceive(card, b"\xe0\x80") is None and field.exchange(card, b"\x60") is None
    assert not field.activate(card)


def test_a_field_without_power_makes_cards_forget() -> None:
    field, card = Field(), out_of_field()
    field.place(card)
    by_apdu(field, card).open_purse(2)
    assert card.chip.session is not None
    field.power_off()
    assert card.chip.session is None and field.card is card


def test_waiting_for_an_empty_field() -> None:
    field, card = Field(), blank_card()
    card.leave_field()
    field.place(card)
    assert not field.wait_removed(0.01)
    thread = threading.Thread(target=field.remove)
    thread.start()
    assert field.wait_removed(5)
    thread.join()


def test_a_listener_may_place_the_next_card() -> None:
    field, second = Field(slots=1), ClassicCard(bytes(4))

    def swap(kind: str, detail: str) -> None:
        if kind == "removed" and detail == UID.hex():
            field.place(second)

    field.subscribe(swap)
    field.place(out_of_field())
    field.remove()
    assert field.card is second
    field.unsubscribe(swap)


def test_hands_and_reader_do_not_get_in_each_others_way() -> None:
    field, card = Field(), out_of_field()
    chip, answered, faults = awake(field, time.monotonic, retries=0), [0], []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                found = ask_now(chip, bytes.fromhex("4A0100"))
                answered[0] += found[2:3] == b"\x01"
                ask_now(chip, b"\x40\x01\x90\x60\x00\x00\x00")
        except Exception as error:
            faults.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    deadline = time.monotonic() + 10
    while answered[0] < 20 and not faults and time.monotonic() < deadline:
        field.place(card)
        field.remove()
    done.set()
    thread.join(5)
    assert not thread.is_alive() and not faults and answered[0] >= 20


def ask_now(chip: Pn532, body: bytes) -> bytes:
    """The answer's body, waiting where the chip looks for a card."""
    stream = chip.feed(frame(b"\xd4" + body))
    deadline = time.monotonic() + 5
    while len(stream) <= len(ACK) and time.monotonic() < deadline:
        stream += chip.poll()
    return bodies(stream)[1]


def test_a_random_uid_is_new_when_the_reader_s_field_comes_back() -> None:
    field, card = Field(), out_of_field()
    card.chip.state.configuration.random_uid = True
    field.place(card)
    first = card.rf_uid
    assert len(first) == 4 and field.activate(card) and card.rf_uid == first
    field.power_off()
    assert card.rf_uid != first and field.card is card
