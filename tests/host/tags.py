"""Account cards for the host's tests: tags without a reader, and what a phone near one can take from it."""

import random
from typing import Any

from host.cards import account
from host.cards import identify as messages
from protocol.card import apdu, ntag424, sun
from simulator.card import Ntag424Card
from tests.host.rig import UIDS, DirectConnection, Shop

BASE = "https://cards.example/c"
WHO = "operator:desk"


def blank_tag(seed: int = 1) -> Ntag424Card:
    """A factory tag with a UID of its own."""
    return Ntag424Card(next(UIDS).to_bytes(7, "big"), random.Random(seed))


def at_reader(card: Any, **faults: Any) -> DirectConnection:
    return DirectConnection(card, **faults)


def issue(shop: Shop, card: Ntag424Card, **faults: Any) -> dict[str, Any]:
    opened = shop.opened
    return account.issue(opened.database, opened.keeper, at_reader(card, **faults), WHO, BASE)


def account_tag(shop: Shop, seed: int = 1) -> Ntag424Card:
    """An issued account card."""
    card = blank_tag(seed)
    issue(shop, card)
    return card


def message(card: Any) -> str:
    """What anybody with a phone reads of it."""
    url = sun.url_of(apdu.run(ntag424.read_message(), at_reader(card).send_and_receive))
    assert url is not None
    return url


def identify(shop: Shop, url: str) -> str:
    """The number of the card that it names."""
    return messages.identify(shop.opened.database, shop.opened.keeper, url).number


def prove(shop: Shop, card: Any, uid: bytes | None = None) -> str:
    """A payment's question, as a terminal carries it; uid: what the terminal says is there."""
    asked = account.prove(shop.opened.database, shop.opened.keeper, uid or card.uid)
    return apdu.run(asked, at_reader(card).send_and_receive).number


class Copy(Ntag424Card):
    """All that can be read of a card without keys, answered as the card would: its UID, files, settings and
    versions, and messages taken from it beforehand."""

    def __init__(self, true: Ntag424Card, messages: int) -> None:
        super().__init__(true.uid, random.Random(5))
        read = at_reader(true).send_and_receive
        self.answers = {}
        for command in ("9060000000", "90AF000000", "90F50000010100", "90F50000010200", "90F50000010300"):
            self.answers[bytes.fromhex(command)] = read(bytes.fromhex(command))
        apdu.run(ntag424.select(), read)
        for number in range(5):
            command = bytes([0x90, 0x64, 0, 0, 1, number, 0])
            self.answers[command] = read(command)
        self.harvested = [message(true) for _ in range(messages)]
        for number, file in self.chip.state.files.items():
            read(bytes([0, 0xA4, 0, 0x0C, 2]) + file.iso_id.to_bytes(2, "big"))
            shown = read(b"\x00\xb0\x00\x00\x00")
            if shown[-2:] == b"\x90\x00":
                file.content = shown[:-2]
            assert (number == 3) == (shown[-2:] != b"\x90\x00"), "nobody reads the third file"
        true.leave_field()

    def exchange(self, apdu: bytes) -> bytes | None:
        return self.answers.get(apdu) or super().exchange(apdu)
