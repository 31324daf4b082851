"""Keys in a PKCS#11 token (SoftHSM2): the same cards and kiosks, and no way to a master."""

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from host.cards import keeper
from host.cards.keeper import Keeper, KeeperError
from protocol.card import keys
from protocol.wire import messages, seal
from protocol.wire.mac import hmac_sha256
from tests.host.cards.keeper.softhsm import PIN, store_of
from tests.host.looks import holds
from tests.host.rig import Shop, value_fen

UID = bytes.fromhex("04A1B2C3D4E580")


def plant(kept: Keeper, role: str, version: int, value: bytes) -> None:
    """A master that we know, for vectors."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    store = store_of(kept)
    session: Any = store._opened()
    store._keys[role, version] = session.create_object(
        {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.AES if len(value) == 16 else KeyType.GENERIC_SECRET,
            Attribute.VALUE: value,
            Attribute.SIGN: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: role in keeper.KIOSK_ROLES,
            Attribute.TOKEN: False,
        }
    )


def test_what_was_made_opens_with_the_pin_and_derives_the_same_keys(data: Path, kept: Keeper) -> None:
    opened = keeper.open_(data, PIN)
    for role in keeper.CARD_ROLES:
        assert kept.card_key(role, UID, 1) == opened.card_key(role, UID, 1)
    assert kept.tmac_key(UID, 2, 1) == opened.tmac_key(UID, 2, 1)
    assert kept.kiosk_secret("K1", 1, 1) == opened.kiosk_secret("K1", 1, 1)
    assert kept.fingerprint == opened.fingerprint and kept.meta_keys() == opened.meta_keys()
    assert (data / keeper.TOKEN_NAME).stat().st_mode & 0o777 == 0o600


def test_an10922_2_2_1_is_computed_in_the_token(kept: Keeper) -> None:
    """NXP AN10922, 2.2.1: the AES-128 example."""
    plant(kept, "credit", 9, bytes.fromhex("00112233445566778899AABBCCDDEEFF"))
    m = bytes.fromhex("04782E21801D803042F54E585020416275")
    assert kept.store.diversify("credit", 9, m).hex().upper() == "A8DD63A3B89D54B37CA802473FDA9175"


def test_a_token_computes_what_a_file_does(kept: Keeper) -> None:
    aes, long = bytes(range(16)), bytes(range(32))
    plant(kept, "debit", 9, aes)
    plant(kept, "ledger", 9, long)
    for m in (keys.card_input(UID), keys.card_input(UID[:4]), keys.tmac_input(UID, 513), keys.SHARED_INPUT):
        assert kept.store.diversify("debit", 9, m) == keys.an10922(aes, m)
    for data in (b"", b"x" * 200):
        assert kept.store.hmac("ledger", 9, data) == hmac_sha256(long, data)
    assert kept.store.wrap("debit", 9, b"k" * 16) == seal.wrap(b"k" * 16, aes)


def test_no_master_leaves_the_token_in_the_clear_and_most_in_no_way(kept: Keeper) -> None:
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error

    store = store_of(kept)
    assert {role for role, _ in store._keys} == set(keeper.ROLES)
    session: Any = store._opened()
    wrapping = session.create_object(
        {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.AES,
            Attribute.VALUE: bytes(16),
            Attribute.WRAP: True,
        }
    )
    for (role, _), key in store._keys.items():
        assert key[Attribute.SENSITIVE] and key[Attribute.ALWAYS_SENSITIVE]
        assert key[Attribute.EXTRACTABLE] == (role in keeper.KIOSK_ROLES)
        with pytest.raises(PKCS11Error):
            key[Attribute.VALUE]
        if role not in keeper.KIOSK_ROLES:
            with pytest.raises(PKCS11Error):
                wrapping.wrap_key(key, mechanism=Mechanism.AES_KEY_WRAP)
            with pytest.raises(AssertionError):
                store.wrap(role, 1, bytes(16))
    with pytest.raises(KeeperError, match="gives none away"):
        kept.exported(b"another one")
    with pytest.raises(KeeperError, match="its own tool"):
        kept.seal_anew(b"another one")
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(store)
    assert PIN.decode() not in repr(store) + repr(kept)


def test_cards_are_issued_pay_and_move_to_newer_keys(token_shop: Shop) -> None:
    card, kiosk = token_shop.card(10_000), token_shop.connected()
    assert kiosk.role_keys is not None and list(kiosk.role_keys["debit"]) == [1]
    master = kiosk.role_keys["debit"][1]
    assert keys.card_key(master, card.uid) == token_shop.debit_key(card), "the kiosk's is the token's"
    heard = token_shop.tell(kiosk, token_shop.sale(kiosk, card))
    assert heard[messages.ACK]["verdicts"][0][1:] == [messages.BOOKED, 7_500]
    assert token_shop.opened.keeper.rotate(["debit", "credit"], b"") == 2
    token_shop.desk(card).load(token_shop.look(_registered, card.uid), 500)
    assert value_fen(card) == 8_000
    assert token_shop.look(_registered, card.uid).key_version == 2
    holds(token_shop)


def _registered(connection: Any, uid: bytes) -> Any:
    from host.cards import registry

    return registry.known(connection, uid)


def test_a_forked_process_logs_in_anew(kept: Keeper) -> None:
    """As the intake is forked from the supervisor."""
    wanted = kept.card_key("credit", UID, 1)
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write_end, kept.card_key("credit", UID, 1))
        finally:
            os._exit(0)
    assert os.read(read_end, 16) == wanted
    os.waitpid(pid, 0)
    os.close(read_end)
    os.close(write_end)
    assert kept.card_key("credit", UID, 1) == wanted
