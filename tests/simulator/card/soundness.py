"""What must hold of a card whatever it hears."""

import json

from simulator.card import DesfireCard, card_from_state

_DONE = (0x00, 0xAF)


def refused(apdu: bytes, answer: bytes) -> bool:
    """Whether the card said no: natively, ISO-wrapped or by an ISO 7816 status word."""
    if apdu[:1] == b"\x00":
        return answer[-2:] != b"\x90\x00"
    if apdu[:1] == b"\x90":
        return answer[-2] != 0x91 or answer[-1] not in _DONE
    return answer[0] not in _DONE


def hear(card: DesfireCard, apdu: bytes) -> bytes:
    """The answer to an APDU: there is one, and where it is a refusal, what outlives the field stays."""
    before = card.dump()
    answer = card.exchange(apdu)
    assert answer is not None and len(answer) >= (2 if apdu[:1] in (b"\x00", b"\x90") else 1)
    if refused(apdu, answer):
        assert card.dump() == before, f"{apdu.hex()} was refused and changed the card"
    return answer


def check(card: DesfireCard) -> None:
    """It can be kept in a file and taken out again, its memory is not overdrawn, and its field can go."""
    dump = card.dump()
    assert card_from_state(json.loads(json.dumps(dump))).dump() == dump
    assert 0 <= card.chip.state.free_bytes() <= card.chip.state.model.memory_bytes
    card.activate()
    assert card.dump() == dump
