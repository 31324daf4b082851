"""What a stolen kiosk gives away, read from its flash, and cards emulated with it."""

import random
import re
from pathlib import Path
from typing import Any

from host.cards import personalise
from host.cards.card_keys import CardKeys
from host.cards.registry import Card
from protocol.card import apdu, keys, layout, purse, tmac
from protocol.wire import bundle, cbor, envelope, lists, messages, seal
from protocol.wire.mac import MAC_SIZE, kiosk_keys
from simulator.card import DesfireCard
from tests.host.rig import DirectConnection

OWN = dict.fromkeys(("picc", "master", "credit", "tmac", "data"), b"the thief's own!")


class Loot:
    """bundle_file and flash: of the stolen kiosk. masters: {role: {version: key}} that it held."""

    def __init__(self, bundle_file: Path, flash: Path) -> None:
        self._bundle = bundle.decode(bundle_file.read_bytes())
        _, self._down_key, self._seal_key = kiosk_keys(self._bundle["secret"])
        self._raw = flash.read_bytes()
        config = self._stored(messages.CONFIG)[-1]
        self.masters = seal.open_role_keys(self._seal_key, config["role_keys"])

    def _stored(self, kind: int) -> list[dict[str, Any]]:
        """Messages of a kind that are in the flash, by version: files of one block are there in one piece."""
        head = cbor.encode([envelope.VERSION, messages.DOWN, self._bundle["name"], 0, 0, 0, 0])[:-3]
        found = []
        for match in re.finditer(re.escape(head), self._raw):
            try:
                end = cbor._item(self._raw, match.start(), 0)[1] + MAC_SIZE
                opened = envelope.open_(
                    self._down_key, messages.DOWN, self._bundle["name"], self._raw[match.start() : end]
                )
            except (cbor.CborError, envelope.EnvelopeError):
                continue
            if opened[1] == kind:
                found.append(messages.fields(kind, opened[2]))
        return sorted(found, key=lambda values: values["version"])

    def fingerprints(self) -> set[bytes]:
        """The allow-list that the kiosk held."""
        size = lists.FINGERPRINT_SIZE
        newest = {values["part"]: values["fingerprints"] for values in self._stored(messages.ALLOWED)}
        return {part[at : at + size] for part in newest.values() for at in range(0, len(part), size)}

    def is_listed(self, uid: bytes, card_data: bytes) -> bool:
        """Would the stolen kiosk have served this card?"""
        key = lists.list_key(self._seal_key)
        return lists.fingerprint(key, lists.seed(uid, card_data)) in self.fingerprints()

    def debit_key(self, uid: bytes) -> bytes:
        return keys.card_key(self.masters["debit"][max(self.masters["debit"])], uid)

    def skim(self, card: DesfireCard) -> bytes:
        """The card data file of a true card that the thief could stand beside."""
        opening = purse.open_purse(card.uid, self.debit_key(card.uid), bytes(16))
        opened = apdu.run(opening, DirectConnection(card).send_and_receive)
        card.leave_field()
        return opened.data

    def emulate(self, uid: bytes, value_fen: int, card_data: bytes | None = None) -> DesfireCard:
        """A card that every kiosk's debit key opens, with as much on it as the thief likes. Its Transaction
        MACs are invented; card_data: what a true card said, None: invented too."""
        card = DesfireCard(uid, random.Random(7))
        read = keys.card_key(self.masters["read"][max(self.masters["read"])], uid)
        versions = dict.fromkeys(("picc", *layout.KEYS, "tmac", "data"), 1)
        made = CardKeys(read=read, debit=self.debit_key(uid), versions=versions, **OWN)
        issue = (layout.card_issue(card_data) if card_data else None) or 1
        life = Card(uid, issue, "000000000001", 1, "pending")
        transceive = DirectConnection(card).send_and_receive
        apdu.run(personalise.personalise(life, made), transceive)
        if card_data is not None:
            session = apdu.run(purse.authenticate(layout.KEY_MASTER, made.master, bytes(16)), transceive)
            header = bytes([layout.FILE_DATA]) + bytes(3) + len(card_data).to_bytes(3, "little")
            apdu.run(session.exchange(personalise.WRITE_DATA, header, card_data), transceive)
        session = apdu.run(purse.authenticate(layout.KEY_CREDIT, made.credit, bytes(16)), transceive)
        apdu.run(purse.change_value(session, tmac.CREDIT, value_fen), transceive)
        apdu.run(purse.commit(session), transceive)
        card.leave_field()
        return card
