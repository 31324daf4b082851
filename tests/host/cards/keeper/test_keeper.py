import io
import json
import logging
import pickle
import stat
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import structlog

from host import installation, log
from host.cards import keeper
from host.cards.keeper import KeeperError, sealed
from protocol.wire import seal
from tests.host.masters import masters_by_role, masters_of
from tests.host.rig import Shop, blank

UID = bytes.fromhex("04A1B2C3D4E580")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / keeper.FILE_NAME


def test_what_was_sealed_opens_with_the_passphrase_and_derives_the_same_keys(path: Path) -> None:
    made, opened = keeper.create(path.parent, b"one"), keeper.open_(path.parent, b"one")
    for role in keeper.CARD_ROLES:
        assert made.card_key(role, UID, 1) == opened.card_key(role, UID, 1)
    assert made.tmac_key(UID, 2, 1) == opened.tmac_key(UID, 2, 1)
    assert made.kiosk_secret("K1", 1, 1) == opened.kiosk_secret("K1", 1, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_role_card_life_and_kiosk_has_a_key_of_its_own(path: Path) -> None:
    kept = keeper.create(path.parent, b"one")
    other = bytes.fromhex("04A1B2C3D4E581")
    roles = (*keeper.CARD_ROLES, *keeper.ACCOUNT_ROLES)
    keys = [kept.card_key(role, uid, 1) for role in roles for uid in (UID, other)]
    keys += kept.meta_keys().values()
    keys += [kept.tmac_key(uid, issue, 1) for uid in (UID, other) for issue in (1, 2)]
    keys += [kept.kiosk_secret("K1", 1, 1), kept.kiosk_secret("K1", 1, 2), kept.kiosk_secret("K2", 1, 1)]
    assert len(set(keys)) == len(keys)


def test_a_kiosk_gets_the_read_and_debit_masters_and_nothing_else(path: Path) -> None:
    kept = keeper.create(path.parent, b"one")
    wrapped = kept.kiosk_keys([1], b"k" * 16)
    opened = [(role, version, seal.unwrap(b"k" * 16, key)) for role, version, key in wrapped]
    masters = masters_by_role(kept)
    assert sorted(opened) == [("debit", 1, masters["debit"][1]), ("read", 1, masters["read"][1])]
    with pytest.raises(AssertionError):
        kept.store.wrap("credit", 1, b"k" * 16)


def test_a_rotated_role_has_a_new_version_for_new_cards_and_the_old_one_for_old_cards(path: Path) -> None:
    kept = keeper.create(path.parent, b"one")
    before = {role: kept.card_key(role, UID, 1) for role in keeper.CARD_ROLES}
    print_before, secret = kept.fingerprint, kept.kiosk_secret("K1", 1, 1)
    assert kept.rotate(["debit"], b"one") == 2 and kept.rotate(["read", "tmac"], b"one") == 3
    for known in (kept, keeper.open_(path.parent, b"one")):
        assert known.generation == 3
        assert {role: known.card_key(role, UID, 1) for role in keeper.CARD_ROLES} == before
        assert [known.version("debit", generation) for generation in (1, 2, 3)] == [1, 2, 2]
        assert [known.version("read", generation) for generation in (1, 2, 3)] == [1, 1, 3]
        assert known.card_key("debit", UID, 2) == known.card_key("debit", UID, 3) != before["debit"]
        assert known.card_key("credit", UID, 3) == before["credit"]
        assert known.tmac_key(UID, 1, 2) == known.tmac_key(UID, 1, 1) != known.tmac_key(UID, 1, 3)
        assert (known.fingerprint, known.kiosk_secret("K1", 1, 1)) == (print_before, secret)
        keys = known.kiosk_keys([1, 2, 3], b"k" * 16)
        assert [(role, version) for role, version, _ in keys] == [
            ("read", 3), ("read", 1), ("debit", 2), ("debit", 1),
        ]  # fmt: skip
        for generation in (0, 4):
            with pytest.raises(KeyError):
                known.card_key("debit", UID, generation)


@pytest.mark.parametrize(
    ("role", "word"), [("debt", "no role"), ("ledger", "one version"), ("kiosk", "anew")]
)
def test_what_is_not_rotated_is_one_sentence_and_changes_nothing(path: Path, role: str, word: str) -> None:
    kept = keeper.create(path.parent, b"one")
    before = path.read_bytes()
    with pytest.raises(KeeperError, match=word):
        kept.rotate(["debit", role], b"one")
    assert path.read_bytes() == before and kept.generation == 1


def test_roles_of_a_newer_program_are_added_to_an_older_file_and_nothing_else_changes(path: Path) -> None:
    """Killed anywhere in between there is the old file or the new one: tests/host/test_private.py."""
    kept = keeper.create(path.parent, b"one")
    masters = masters_by_role(kept)
    old = {role: made for role, made in masters.items() if role not in ("picc", "account", "sdm-meta")}
    path.write_bytes(sealed.seal(old, b"one"))
    opened = keeper.open_(path.parent, b"one")
    assert opened.missing() == ["picc", "account", "sdm-meta"] and opened.fingerprint == kept.fingerprint
    assert opened.complete(b"one") and not opened.complete(b"one")
    again = keeper.open_(path.parent, b"one")
    assert again.missing() == []
    assert {role: masters_by_role(again)[role] for role in old} == old
    assert again.fingerprint == kept.fingerprint


def test_an_older_program_does_not_touch_a_newer_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.create(path.parent, b"one")
    monkeypatch.setattr(sealed, "ROLES", {"master": None})
    with pytest.raises(KeeperError, match="update the program"):
        keeper.open_(path.parent, b"one")


def test_a_wrong_passphrase_is_one_sentence(path: Path) -> None:
    keeper.create(path.parent, b"one")
    with pytest.raises(KeeperError, match="passphrase does not open"):
        keeper.open_(path.parent, b"two")


def test_a_process_that_crashes_with_keys_leaves_no_core(path: Path) -> None:
    keeper.create(path.parent, b"one")
    program = (
        "import resource, sys; from pathlib import Path; from host.cards import keeper\n"
        "most = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (most, most))\n"
        "keeper.open_(Path(sys.argv[1]), b'one')\n"
        "print(most, resource.getrlimit(resource.RLIMIT_CORE)[0])\n"
    )
    argv = [sys.executable, "-c", program, str(path.parent)]
    most, left = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    if most == "0":
        pytest.skip("no process here may leave a core anyway")
    assert left == "0"


def stretched(path: Path) -> object:
    return {name: value for name, value in json.loads(path.read_bytes())["kdf"].items() if name != "salt"}


def test_only_a_passphrase_that_the_demo_drew_is_hardly_stretched(tmp_path: Path) -> None:
    ours, theirs, found = (tmp_path / name for name in ("ours", "theirs", "found"))
    secret = tmp_path / "secret"
    secret.write_text("a word of mine")
    found.mkdir()
    (found / "passphrase").write_text("who knows of whom")
    installation.init(ours, None, demo=True)
    installation.init(theirs, secret, demo=True)
    installation.init(found, None, demo=True)
    kdfs = [stretched(folder / keeper.FILE_NAME) for folder in (ours, theirs, found)]
    assert kdfs == [sealed.DRAWN, sealed.KDF, sealed.KDF] and sealed.DRAWN != sealed.KDF
    opened = keeper.open_(ours, (ours / "passphrase").read_bytes().strip())
    opened.rotate(["debit"], b"a word of mine")
    assert stretched(ours / keeper.FILE_NAME) == sealed.KDF
    assert len(keeper.open_(ours, b"a word of mine").store.versions("debit")) == 2


def test_keys_are_never_overwritten(path: Path) -> None:
    keeper.create(path.parent, b"one")
    before = path.read_bytes()
    with pytest.raises(KeeperError, match="never overwritten"):
        keeper.create(path.parent, b"one")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "harm",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda _raw: b"",
        lambda _raw: b"\xff\xfe",
        lambda _raw: b"[]",
        lambda raw: raw.replace(b'"format": 1', b'"format": 0'),
        lambda raw: raw.replace(b'"format": 1', b'"format": true'),
        lambda _raw: b"[" * 100_000,
        lambda raw: raw.replace(b'"iterations": 1', b'"iterations": 0'),
        lambda raw: raw.replace(b'"memory_kib": 64', b'"memory_kib": 99999999999'),  # would take all memory
        lambda raw: raw.replace(b'"memory_kib": 64', b'"memory_kib": "64"'),
        lambda raw: raw.replace(b'"lanes": 1', b'"lanes": 64'),
        lambda raw: raw.replace(b'"salt": "', b'"salt": "zz'),
    ],
)
def test_a_damaged_file_is_one_sentence(path: Path, harm: object) -> None:
    keeper.create(path.parent, b"one")
    assert callable(harm)
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(KeeperError, match="damaged"):
        keeper.open_(path.parent, b"one")


def test_a_file_of_a_newer_format_is_not_called_damaged(path: Path) -> None:
    keeper.create(path.parent, b"one")
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(KeeperError, match="newer Tapledger: update"):
        keeper.open_(path.parent, b"one")


def test_a_changed_header_or_one_changed_bit_is_noticed(path: Path) -> None:
    keeper.create(path.parent, b"one")
    document = json.loads(path.read_text())
    for key in ("nonce", "sealed"):
        flipped = document[key][:-1] + ("0" if document[key][-1] != "0" else "1")
        path.write_text(json.dumps({**document, key: flipped}))
        with pytest.raises(KeeperError, match="does not open"):
            keeper.open_(path.parent, b"one")


def test_a_missing_file_is_told_with_the_command(path: Path) -> None:
    with pytest.raises(KeeperError, match="tapledger init"):
        keeper.open_(path.parent, b"one")


def test_no_key_shows_in_books_files_logs_or_tracebacks(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that runs with keys runs, also into a fault; then all that was written is searched."""
    told = io.StringIO()
    monkeypatch.setattr("sys.stderr", told)
    before = logging.getLogger().handlers[:]
    kept = shop.opened.keeper
    try:
        for form in ("json", "console"):
            log.configure(form)
            kiosk, card = shop.connected("K" + form), shop.card(10_000)
            shop.tell(kiosk, shop.sale(kiosk, card))
            try:
                kept.card_key("debit", UID, 99)
            except KeyError:
                structlog.get_logger().exception("fault", keeper=kept, kiosk=shop.kiosks.find(kiosk.name))
                told.write(traceback.format_exc())
    finally:
        logging.getLogger().handlers[:] = before
        structlog.reset_defaults()
    told.write(repr(kept) + str(vars(shop.kiosks)))
    spoken = told.getvalue()
    assert "fault" in spoken
    written = b"".join(file.read_bytes() for file in shop.opened.data.iterdir())
    derived = [kept.card_key(role, card.uid, 1) for role in keeper.CARD_ROLES]
    derived += [kept.tmac_key(card.uid, 1, 1), kiosk.given["secret"]]
    for key in masters_of(kept) + derived:
        for form_of_key in (key.hex(), key.hex().upper(), repr(key), str(list(key))):
            assert form_of_key not in spoken
            assert form_of_key.encode() not in written
        assert key not in written
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(kept)


def test_the_search_above_would_find_a_key(shop: Shop) -> None:
    key = shop.opened.keeper.card_key("debit", blank().uid, 1)
    with shop.opened.database.write() as connection:
        connection.execute("INSERT INTO settings VALUES ('leak', ?)", (key.hex(),))
    written = b"".join(file.read_bytes() for file in shop.opened.data.iterdir())
    assert key.hex().encode() in written
