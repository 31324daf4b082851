"""Keys in a PKCS#11 token (SoftHSM2): the same cards and kiosks, and no way to a master."""

import json
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host import installation
from host.cards import keeper
from host.cards.keeper import Keeper, KeeperError, KeysAway, token
from host.cards.keeper.token_store import TokenStore
from host.errors import HostError
from host.terminals.batch import Batches
from host.terminals.kiosks import Kiosks
from protocol.card import keys
from protocol.wire import messages, seal
from protocol.wire.mac import hmac_sha256
from tests.host.cards.keeper import softhsm
from tests.host.cards.keeper.softhsm import LABEL, PIN
from tests.host.looks import holds
from tests.host.rig import Shop, value_fen

UID = bytes.fromhex("04A1B2C3D4E580")


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = softhsm.module()
    pytest.importorskip("pkcs11")
    monkeypatch.setenv("SOFTHSM2_CONF", "")
    softhsm.make(tmp_path)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def kept(data: Path, module: str) -> Keeper:
    return keeper.create(data, PIN, (module, LABEL))


def store_of(kept: Keeper) -> TokenStore:
    assert isinstance(kept.store, TokenStore)
    return kept.store


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


@pytest.fixture
def shop(data: Path, module: str, tmp_path: Path) -> Iterator[Shop]:
    pin = tmp_path / "pin"
    pin.write_bytes(PIN + b"\n")
    installation.init(data, pin, demo=False, token=(module, LABEL))
    opened = installation.open_(data, pin)
    kiosks = Kiosks(opened.database, opened.keeper)
    yield Shop(opened, kiosks, Batches(opened.database, opened.keeper, kiosks))
    opened.database.close()


def test_cards_are_issued_pay_and_move_to_newer_keys(shop: Shop) -> None:
    card, kiosk = shop.card(10_000), shop.connected()
    assert kiosk.role_keys is not None and list(kiosk.role_keys["debit"]) == [1]
    master = kiosk.role_keys["debit"][1]
    assert keys.card_key(master, card.uid) == shop.debit_key(card), "the kiosk's is the token's"
    heard = shop.tell(kiosk, shop.sale(kiosk, card))
    assert heard[messages.ACK]["verdicts"][0][1:] == [messages.BOOKED, 7_500]
    assert shop.opened.keeper.rotate(["debit", "credit"], b"") == 2
    shop.desk(card).load(shop.look(_registered, card.uid), 500)
    assert value_fen(card) == 8_000
    assert shop.look(_registered, card.uid).key_version == 2
    holds(shop)


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


def test_an_unplugged_token_is_waited_for_and_found_again(
    kept: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = kept.card_key("credit", UID, 1)
    store_of(kept)._at = -1  # as after a fault
    (tmp_path / "tokens").rename(tmp_path / "pocket")
    (tmp_path / "tokens").mkdir()
    for _ in range(2):
        with pytest.raises(KeysAway, match="is not there: plug it in"):
            kept.card_key("credit", UID, 1)
    (tmp_path / "tokens").rmdir()
    (tmp_path / "pocket").rename(tmp_path / "tokens")
    assert kept.card_key("credit", UID, 1) == wanted


def test_a_report_waits_for_an_unplugged_token(shop: Shop, tmp_path: Path) -> None:
    card, kiosk = shop.card(10_000), shop.connected()
    sale = shop.sale(kiosk, card)
    store_of(shop.opened.keeper)._at = -1
    (tmp_path / "tokens").rename(tmp_path / "pocket")
    (tmp_path / "tokens").mkdir()
    with pytest.raises(KeysAway):
        shop.write([(kiosk.topic, sale)])
    assert shop.query("SELECT count(*) FROM suspects") == [(0,)] and shop.alarms() == []
    (tmp_path / "tokens").rmdir()
    (tmp_path / "pocket").rename(tmp_path / "tokens")
    heard = shop.tell(kiosk, sale)
    assert heard[messages.ACK]["verdicts"][0][1:] == [messages.BOOKED, 7_500]


def test_a_wrong_pin_is_one_sentence(data: Path, kept: Keeper) -> None:
    for pin in (b"0000-0000", b"1", b"\xff\xfe" * 4):
        with pytest.raises(KeeperError, match="PIN is") as told:
            keeper.open_(data, pin)
        assert pin.decode("latin-1") not in str(told.value) or pin == b"1"


@pytest.mark.parametrize("label", ["nobody", ""])
def test_a_token_that_is_not_there_leaves_nothing_behind(data: Path, module: str, label: str) -> None:
    with pytest.raises(KeeperError, match="is not there"):
        keeper.create(data, PIN, (module, label))
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("path", ["/nowhere.so", "/etc/hostname", "/usr/lib/os-release"])
def test_a_module_that_is_none_is_one_sentence(data: Path, module: str, path: str) -> None:
    with pytest.raises(KeeperError, match="cannot be used"):
        keeper.create(data, PIN, (path, LABEL))
    assert list(data.iterdir()) == []


def test_a_missing_package_is_told_with_its_name(
    data: Path, kept: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(KeeperError, match=r"pip install 'tapledger\[token\]'"):
        keeper.open_(data, PIN)


@pytest.mark.parametrize("kind", ["PinLocked", "PinExpired", "UserPinNotInitialized", "DeviceError"])
def test_what_a_token_says_is_a_sentence(kind: str, module: str) -> None:
    """SoftHSM never locks itself: the words of other tokens."""
    import pkcs11

    with pytest.raises(KeeperError, match=f"token “{LABEL}”"), token.said(LABEL):
        raise getattr(pkcs11, kind)


def test_a_full_token_keeps_none_of_a_rotation(kept: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    import pkcs11

    store, real = store_of(kept), TokenStore._generate

    def generate(self: TokenStore, session: Any, role: str, version: int) -> Any:
        if role == "credit":
            raise pkcs11.DeviceMemory
        return real(self, session, role, version)

    with monkeypatch.context() as patched, pytest.raises(KeeperError, match="it is full"):
        patched.setattr(TokenStore, "_generate", generate)
        kept.rotate(["debit", "read", "credit"], b"")
    assert kept.generation == 1
    store._at = -1
    assert kept.generation == 1, "nor in the token"
    assert kept.rotate(["debit", "credit"], b"") == 2


def test_a_creation_that_was_cut_is_finished_by_the_next(
    data: Path, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = tmp_path / "pin"
    pin.write_bytes(PIN)
    real, left = TokenStore._generate, [4]

    def generate(self: TokenStore, session: Any, role: str, version: int) -> Any:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        return real(self, session, role, version)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(TokenStore, "_generate", generate)
        installation.init(data, pin, demo=False, token=(module, LABEL))
    assert installation.init(data, pin, demo=False)
    opened = installation.open_(data, pin)
    assert opened.keeper.missing() == [] and opened.keeper.generation == 1
    opened.database.close()


def test_one_that_was_opened_before_another_logs_in_anew(data: Path, kept: Keeper) -> None:
    wanted = [kept.card_key(role, UID, 1) for role in keeper.CARD_ROLES]
    for _ in range(3):
        opened = keeper.open_(data, PIN)
        for one in (kept, opened, kept):
            assert [one.card_key(role, UID, 1) for role in keeper.CARD_ROLES] == wanted


def test_two_installations_share_a_token_and_no_key(data: Path, kept: Keeper, module: str) -> None:
    other = data.parent / "other"
    other.mkdir()
    second = keeper.create(other, PIN, (module, LABEL))
    assert second.card_key("debit", UID, 1) != kept.card_key("debit", UID, 1)
    assert second.fingerprint != kept.fingerprint


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"format": 2}, "update the program"),
        ({"format": "1"}, "damaged"),
        ({"module": 7}, "damaged"),
        ({"token": ""}, "damaged"),
        ({"installation": None}, "damaged"),
        ({"installation": "00000000"}, "lack"),
        ({"module": "/nowhere.so"}, "cannot be used"),
    ],
)
def test_a_spoilt_file_is_one_sentence(shop: Shop, data: Path, change: dict[str, Any], word: str) -> None:
    path = data / keeper.TOKEN_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(HostError, match=word):
        installation.open_(data, data.parent / "pin")
    path.write_text("{")
    with pytest.raises(HostError, match="damaged"):
        installation.open_(data, data.parent / "pin")


def test_keys_that_are_in_a_file_stay_there(tmp_path: Path, module: str) -> None:
    folder = tmp_path / "file"
    installation.init(folder, None, demo=True)
    with pytest.raises(HostError, match=r"in keys\.sealed, and there they stay"):
        installation.init(folder, None, demo=True, token=(module, LABEL))
    with pytest.raises(HostError, match="token's PIN"):
        installation.init(tmp_path / "new", None, demo=False, token=(module, LABEL))
