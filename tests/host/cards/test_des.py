"""Authentication 1A and its messaging against traces of real cards, and against answers that are wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from host.cards import des
from protocol.card import apdu
from protocol.card.apdu import CardError

TRACES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "traces" / "des.json").read_text(encoding="utf-8")
)


class Played:
    """A card that says what it said in the trace, to exactly what it was told there."""

    def __init__(self, trace: dict[str, Any]) -> None:
        body = trace["response"]
        self.script = [
            (apdu.wrap(0x1A, b"\x00"), bytes.fromhex(trace["challenge"]) + b"\x91\xaf"),
            (apdu.wrap(0xAF, bytes.fromhex(body)), bytes.fromhex(trace["final"]) + b"\x91\x00"),
        ]
        for step in trace["steps"]:
            sent = bytes.fromhex(step.get("body", "") or step.get("header", "") + step.get("sealed", ""))
            answer = bytes.fromhex(step["answer"]) + b"\x91\x00"
            self.script.append((apdu.wrap(int(step["cmd"], 16), sent), answer))

    def __call__(self, command: bytes) -> bytes:
        wanted, answer = self.script.pop(0)
        assert command.hex() == wanted.hex()
        return answer


def begin(trace: dict[str, Any], card: Played) -> des.Session:
    key, rnd_a = bytes.fromhex(trace["key"]), bytes.fromhex(trace["rnd_a"])
    return apdu.run(des.authenticate(0, key, rnd_a), card)


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: str(trace["name"]))
def test_every_frame_is_what_a_real_card_took_and_gave(trace: dict[str, Any]) -> None:
    card = Played(trace)
    session = begin(trace, card)
    for step in trace["steps"]:
        cmd = int(step["cmd"], 16)
        if "body" in step:
            said = apdu.run(session.exchange(cmd, bytes.fromhex(step["body"])), card)
            assert said.hex().upper() + step["answer"][-16:] == step["answer"]
        elif step["answer"]:
            apdu.run(session.exchange_encrypted(cmd, b"", bytes.fromhex(step["data"])), card)
        else:  # the own key: the answer carries no MAC
            header = bytes.fromhex(step["header"])
            body = session.encrypt(cmd, header, bytes.fromhex(step["data"]))
            assert apdu.run(apdu.exchange(cmd, body), card) == b""
    assert not card.script


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("spoil", ["flip", "short", "refuse"])
def test_a_card_that_does_not_hold_the_key_or_mac_is_refused(at: int, spoil: str) -> None:
    trace = TRACES[1]
    card = Played(trace)
    command, answer = card.script[at]
    if spoil == "flip":
        answer = bytes([answer[0] ^ 1]) + answer[1:]
    elif spoil == "short":
        answer = answer[2:]
    else:
        answer = b"\x91\xae"
    card.script[at] = command, answer
    if at == 0 and spoil == "flip":  # another challenge: our answer fits no trace, and would no card
        card.script[1] = card.script[1][0], b"\x91\xae"
        with pytest.raises((CardError, AssertionError)):
            begin(trace, card)
        return
    with pytest.raises(CardError):
        session = begin(trace, card)
        apdu.run(session.exchange(0x45), card)


def test_an_aes_key_for_the_card_is_sealed_with_its_version_and_a_sum_over_command_and_number() -> None:
    session = des.Session(bytes(range(16)), bytes(range(8)))
    sent = []

    def transceive(command: bytes) -> bytes:
        sent.append(command)
        return b"\x91\x00"

    new = bytes(range(100, 116))
    apdu.run(des.change_own_key(session, 0x80, new, 7), transceive)
    (command,) = sent
    assert command[:6].hex() == "90c40000" + "1980"  # key number and 24 sealed bytes
    plain = des._cbc(bytes(range(16)), bytes(range(8)), command[6:-1], decrypt=True)
    assert plain[:17] == new + b"\x07" and plain[21:] == bytes(3)
    assert plain[17:21] == des._crc(b"\xc4\x80" + new + b"\x07")
