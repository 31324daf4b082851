import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.card import PULL_POINTS, ClassicCard, DesfireCard, card_from_state, crypto
from simulator.card.keys import Key
from simulator.card.messaging.ev2 import Ev2Session
from simulator.card.state import Application, CardState
from simulator.card.status import LeftField
from tests.simulator.card.terminal import (
    AID,
    KEYS,
    TMAC_KEY,
    UID,
    VALUE_FILE,
    Gone,
    Refusal,
    Terminal,
    purse_card,
    sell,
)
from tests.simulator.card.vectors import vectors


class Scripted(Random):
    """Gives the random numbers of a published vector."""

    def __init__(self, *numbers: bytes) -> None:
        super().__init__(0)
        self.numbers = list(numbers)

    def randbytes(self, n: int) -> bytes:
        number = self.numbers.pop(0)
        assert len(number) == n
        return number


@pytest.mark.parametrize(("given_", "expected"), vectors("ev2-auth"))
def test_published_authentication(given_: dict[str, bytes], expected: dict[str, bytes]) -> None:
    state = CardState.factory(UID)
    state.applications[AID] = Application(0x0B, [Key(given_["key"])])
    card = DesfireCard(UID, Scripted(given_["rnd_b"], given_["ti"]), state)
    card.enter_field()
    assert card.exchange(b"\x5a" + AID) == b"\x00"
    assert card.exchange(bytes.fromhex("9071000002000000")) == expected["challenge"] + b"\x91\xaf"
    answer = card.exchange(bytes.fromhex("90AF000020") + expected["response"] + b"\x00")
    assert answer == expected["final"] + b"\x91\x00"
    session = card.chip.session
    assert isinstance(session, Ev2Session) and (session.enc_key, session.mac_key) == (
        expected["enc_key"],
        expected["mac_key"],
    )


@pytest.mark.parametrize(("given_", "expected"), vectors("ev2-change-key"))
def test_published_change_of_another_key(given_: dict[str, Any], expected: dict[str, bytes]) -> None:
    card = DesfireCard(UID, Random(1))
    card.chip.state.applications[AID] = Application(0x0B, [Key(), Key(given_["old"])])
    card.enter_field()
    card.exchange(b"\x5a" + AID)
    card.chip.session = Ev2Session(0, given_["ti"], given_["enc_key"], given_["mac_key"], given_["ctr"])
    assert card.exchange(expected["apdu"]) == expected["reply"] + b"\x91" + expected["status"]
    changed = card.chip.state.applications[AID].keys[1]
    assert (changed.value, changed.version) == (given_["new"], given_["version"][0])


def test_a_sale_moves_value_record_and_transaction_mac_together() -> None:
    card = purse_card(10_000)
    record = bytes(range(24))
    answer = sell(Terminal(card.exchange), 2_500, record)
    assert card.value_fen(AID, VALUE_FILE) == 7_500
    tmi = bytes.fromhex("6C0210270000").ljust(16, b"\x00") + bytes.fromhex("DC02C4090000").ljust(16, b"\x00")
    tmi += bytes.fromhex("8B03000000180000").ljust(16, b"\x00") + record.ljust(32, b"\x00")
    mac_key = crypto.cmac(TMAC_KEY, bytes.fromhex("5A000100800200000004010203040506"))
    assert answer == (2).to_bytes(4, "little") + crypto.cmac(mac_key, tmi)[1::2]


@pytest.mark.parametrize(
    ("point", "value_fen", "outcome"),
    [
        ("auth", 10_000, "after authentication"),
        ("debit", 10_000, "after debit"),
        ("commit-sent", 7_500, "commit silent"),
        ("commit-done", 7_500, "committed"),
    ],
)
def test_pull_points(point: str, value_fen: int, outcome: str) -> None:
    card = purse_card(10_000)
    gone: list[str] = []
    card.on_gone = gone.append
    card.arm_pull(point)

    def exchange(apdu: bytes) -> bytes | None:
        answer = card.exchange(apdu)
        card.delivered()
        return answer

    terminal, reached = Terminal(exchange), "nothing"
    try:
        terminal.open_purse(2)
        reached = "after authentication"
        terminal.change_value(0xDC, 2_500)
        reached = "after debit"
        terminal.write_record(bytes(24))
        reached = "commit silent"
        terminal.commit()
        reached = "committed"
        terminal.value()
    except Gone:
        pass
    assert (reached, gone, card.in_field) == (outcome, [point], False)
    assert card.value_fen(AID, VALUE_FILE) == value_fen
    card.enter_field()
    tmac = card.chip.state.applications[AID].files[15].to_json()
    assert tmac["counter"] == (2 if value_fen == 7_500 else 1)
    assert sell(Terminal(card.exchange), 500)[:4] == bytes([tmac["counter"] + 1, 0, 0, 0])


def test_pull_points_have_names() -> None:
    assert set(PULL_POINTS) == {"auth", "debit", "commit-sent", "commit-done"}
    with pytest.raises(ValueError, match="use one of auth"):
        purse_card().arm_pull("before")


def test_power_lost_at_any_step_of_a_commit_leaves_all_or_nothing() -> None:
    seen, torn_at = set(), 0
    while True:
        card = purse_card(10_000, seed=torn_at)
        before = card.chip.state.to_json()
        steps: list[tuple[str, str]] = []

        def tear(when: str, step: str, at: int = torn_at, steps: list[tuple[str, str]] = steps) -> None:
            steps.append((when, step))
            if len(steps) == at + 1:
                raise LeftField

        card.tear_hook = tear
        try:
            sell(Terminal(card.exchange), 2_500)
            break
        except Gone:
            pass
        card.tear_hook = None
        announced = card.value_fen(AID, VALUE_FILE)
        card = card_from_state(json.loads(json.dumps(card.dump())))  # type: ignore[assignment]
        card.enter_field()
        after = card.chip.state.to_json()
        value = card.value_fen(AID, VALUE_FILE)
        assert value == announced
        assert (value == 10_000) == (after == before)
        log = after["applications"][AID.hex()]["files"]["3"]["records"]
        assert len(log) == (1 if value == 7_500 else 0)
        seen.add(value)
        torn_at += 1
    assert seen == {10_000, 7_500} and torn_at >= 12


def test_dump_and_load_give_the_same_card() -> None:
    card = purse_card(4_200)
    sell(Terminal(card.exchange), 100)
    copy = card_from_state(json.loads(json.dumps(card.dump())))
    assert isinstance(copy, DesfireCard) and copy.dump() == card.dump()
    copy.enter_field()
    sell(Terminal(copy.exchange), 100)
    assert (copy.value_fen(AID, 2), card.value_fen(AID, 2)) == (4_000, 4_100)
    classic = ClassicCard(b"\x01\x02\x03\x04")
    assert card_from_state(classic.dump()).dump() == classic.dump()


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"kind": "felica"},
        {"kind": "classic"},
        {"kind": "classic", "uid": "01"},
        {"kind": "desfire", "uid": UID.hex(), "applications": {}},
        {"kind": "desfire", "uid": UID.hex(), "applications": {"000000": {"settings": 15, "keys": [{}]}}},
        {"kind": "desfire", "uid": 7, "applications": []},
    ],
)
def test_what_is_no_card_is_not_loaded(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        card_from_state(content)


def test_value_of_what_is_no_value_file() -> None:
    card = purse_card()
    assert card.value_fen(AID, 1) is None and card.value_fen(AID, 9) is None
    assert card.value_fen(b"\x01\x01\x01", 2) is None


def test_a_desfire_uid_has_seven_bytes() -> None:
    with pytest.raises(ValueError, match="7 bytes"):
        DesfireCard(b"\x01\x02\x03\x04")


READERS_WORDS = st.one_of(
    st.binary(max_size=70),
    st.builds(
        lambda ins, data: bytes([0x90, ins, 0, 0, len(data)]) + data + b"\x00",
        st.sampled_from([0x71, 0xAF, 0x6C, 0xDC, 0x0C, 0x3D, 0x8B, 0xC7, 0xC4, 0xCD, 0xF5, 0x5A, 0xBD]),
        st.binary(min_size=1, max_size=60),
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(READERS_WORDS, max_size=5), st.booleans())
def test_a_reader_without_keys_changes_nothing(words: list[bytes], in_session: bool) -> None:
    card = PURSE
    card.activate()
    before = card.chip.state.applications[AID].files[2].to_json()
    keys = [key.value for key in card.chip.state.applications[AID].keys]
    terminal = Terminal(card.exchange)
    if in_session:
        terminal.open_purse(2)
    for word in words:
        answer = card.exchange(word)
        assert answer is not None and len(answer) >= 1
    card.activate()
    after = card.chip.state
    assert after.applications[AID].files[2].to_json() == before and after.journal is None
    assert [key.value for key in after.applications[AID].keys] == keys == KEYS


PURSE = purse_card(10_000)


def test_any_refusal_ends_the_session_and_the_transaction() -> None:
    card = purse_card(10_000)
    terminal = Terminal(card.exchange)
    terminal.open_purse(2)
    terminal.change_value(0xDC, 2_500)
    with pytest.raises(Refusal) as refusal:
        terminal.change_value(0x0C, 1)
    assert refusal.value.status == 0xAE
    assert card.chip.session is None
    with pytest.raises(Refusal):
        terminal.commit()
    assert card.value_fen(AID, VALUE_FILE) == 10_000
