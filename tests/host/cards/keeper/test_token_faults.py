"""A token that is absent, locked, full or another's is one sentence, and nothing is half written."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from host import installation
from host.cards import keeper
from host.cards.keeper import Keeper, KeeperError, KeysAway, token
from host.cards.keeper.token_store import TokenStore
from host.errors import HostError
from protocol.wire import messages
from tests.host.cards.keeper.softhsm import LABEL, PIN, store_of
from tests.host.rig import Shop

UID = bytes.fromhex("04A1B2C3D4E580")


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


def test_a_session_that_the_token_forgot_is_opened_anew_whatever_it_was_wanted_for(kept: Keeper) -> None:
    """Pulled and plugged in again in between, with nobody asking meanwhile."""
    wanted, passphrase = kept.kiosk_keys([1], bytes(16)), b""
    store_of(kept)._opened().close()
    with pytest.raises(KeysAway):
        kept.kiosk_keys([1], bytes(16))
    assert kept.kiosk_keys([1], bytes(16)) == wanted
    store_of(kept)._opened().close()
    with pytest.raises(KeysAway):
        kept.rotate(["debit"], passphrase)
    assert kept.rotate(["debit"], passphrase) == 2


def test_a_report_waits_for_an_unplugged_token(token_shop: Shop, tmp_path: Path) -> None:
    card, kiosk = token_shop.card(10_000), token_shop.connected()
    sale = token_shop.sale(kiosk, card)
    store_of(token_shop.opened.keeper)._at = -1
    (tmp_path / "tokens").rename(tmp_path / "pocket")
    (tmp_path / "tokens").mkdir()
    with pytest.raises(KeysAway):
        token_shop.write([(kiosk.topic, sale)])
    assert token_shop.query("SELECT count(*) FROM suspects") == [(0,)] and token_shop.alarms() == []
    (tmp_path / "tokens").rmdir()
    (tmp_path / "pocket").rename(tmp_path / "tokens")
    heard = token_shop.tell(kiosk, sale)
    assert heard[messages.ACK]["verdicts"][0][1:] == [messages.BOOKED, 7_500]


@pytest.mark.parametrize("what", ["pin", "module"])
def test_a_report_waits_for_a_token_that_lets_nobody_in(
    token_shop: Shop, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Another token of its name, or another PIN: the report is none that a person must look at, and the PIN
    is not tried until the token locks itself."""
    card, kiosk = token_shop.card(10_000), token_shop.connected()
    sale = token_shop.sale(kiosk, card)
    store = store_of(token_shop.opened.keeper)
    kept, tried, real = (store._pin, store._module), [], token.logged_in

    def logged_in(*given: Any) -> Any:
        tried.append(given)
        return real(*given)

    monkeypatch.setattr(token, "logged_in", logged_in)
    store._at = -1
    store._pin, store._module = (b"0000-0000", kept[1]) if what == "pin" else (kept[0], "/nowhere.so")
    for _ in range(3):
        with pytest.raises(KeeperError, match="PIN is wrong" if what == "pin" else "cannot be used"):
            token_shop.write([(kiosk.topic, sale)])
    assert len(tried) == (what == "pin")
    assert token_shop.query("SELECT count(*) FROM suspects") == [(0,)] and token_shop.alarms() == []
    store._pin, store._module, store._refused = *kept, None  # as after a start with the right one
    heard = token_shop.tell(kiosk, sale)
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
def test_a_spoilt_file_is_one_sentence(
    token_shop: Shop, data: Path, change: dict[str, Any], word: str
) -> None:
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
