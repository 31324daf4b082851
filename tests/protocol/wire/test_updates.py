"""What kiosk and host share about updates, and that its messages have numbers of their own."""

import hashlib
import hmac
import importlib
import pkgutil

from protocol import wire
from protocol.wire import image, image_file, messages, updates


def test_no_two_messages_have_one_number() -> None:
    """Tables of several modules are joined into one: a number that two have would leave one out."""
    found: dict[int, str] = {}
    for module in pkgutil.iter_modules(wire.__path__):
        if module.name == "messages":
            continue
        table = getattr(importlib.import_module(f"protocol.wire.{module.name}"), "MESSAGES", {})
        for number, row in table.items():
            assert number not in found, f"{number} is {found.get(number)} and {row[0]}"
            found[number] = row[0]
    assert all(messages.MESSAGES[number][0] == name for number, name in found.items())


def test_a_mac_is_one_kiosks_for_one_header() -> None:
    header = image_file.make(b"firmware", "1.2.3", 0b11, (1, 0b10))[: image.SIZE]
    macs = {
        updates.mac(secret, changed)
        for secret in (bytes(32), b"\1" + bytes(31))
        for changed in (header, header[:-1] + b"x")
    }
    assert len(macs) == 4 and all(len(mac) == 32 for mac in macs)


def test_the_mac_of_an_offer_stays_what_it_is() -> None:
    """Kiosks in the field refuse what was offered under another label."""
    secret, header = bytes(range(32)), bytes(range(64))
    key = hmac.new(secret, b"tapledger update", hashlib.sha256).digest()
    assert updates.mac(secret, header) == hmac.new(key, header, hashlib.sha256).digest()


def test_a_piece_ends_at_its_row() -> None:
    assert [updates.piece_end(at) for at in (64, 1023, 1024, 2047, 4096)] == [1024, 1024, 2048, 2048, 5120]
