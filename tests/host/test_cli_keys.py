"""`tapledger keys` and `tapledger kiosk revoke`: two persons, nothing half done, no secret in an argument."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from host import installation, operators
from host.cards import keeper
from host.cards.keeper import sealed
from host.db import engine
from host.errors import HostError
from host.operators import Operator, password
from simulator.broker import Broker
from tests.host.process import Start, refuses, run
from tests.host.rig import Shop

PASSWORD = "a good long word"
Args = Callable[..., list[str]]


@pytest.fixture
def broker_kind() -> str:
    """A command asks the host, and never the broker: one kind will do."""
    return "iotcore"


@pytest.fixture
def args(data: Path, shop: Shop, tmp_path: Path) -> Args:
    """A command's arguments; boss is owner, ann a lead, bob a clerk: name and password in a file of each."""
    phc = password.make(PASSWORD)
    for name, role in (("boss", "owner"), ("ann", "lead"), ("bob", "clerk")):
        with shop.opened.database.write() as connection:
            operators.add(connection, Operator(name, (role,), 0, 0), phc, "test")
        (tmp_path / name).write_text(f"{name}\n{PASSWORD}\n")

    def made(*command: str, first: str = "boss", second: str = "ann") -> list[str]:
        persons = ["--first-file", str(tmp_path / first), "--second-file", str(tmp_path / second)]
        return ["keys", *command, "--data", str(data), *persons]

    return made


def versions(data: Path) -> dict[str, tuple[int, ...]]:
    opened = installation.open_(data, None)
    opened.database.close()
    return {role: opened.keeper.store.versions(role) for role in keeper.ROLES}


def test_two_persons_rotate_and_the_books_say_so(args: Args, data: Path, shop: Shop) -> None:
    card = shop.card()
    done = run(*args("rotate", "debit", "read"))
    assert done.returncode == 0 and "Generation 2 has begun: debit, read." in done.stdout, done.stderr
    assert versions(data)["debit"] == (1, 2) and versions(data)["credit"] == (1,)
    assert shop.query("SELECT act, detail, first, second FROM key_acts") == [
        ("rotate", "debit, read: generation 2", "operator:boss", "operator:ann")
    ]
    said = run("keys", "status", "--data", str(data)).stdout
    assert "generation 1: 1 active purse cards" in said and "generation 2: 0 active" in said
    assert "by operator:boss and operator:ann" in said
    assert shop.debit_key(card).hex() not in said


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("boss", "boss", "Two different operators"),
        ("ann", "boss", "may not rotate or export keys"),
        ("boss", "bob", "may not say yes or no"),
        ("boss", "wrong", "no operator with this name and password"),
        ("boss", "short", "takes a name, and its password"),
        ("boss", "nowhere", "cannot be read"),
    ],
)
def test_without_two_who_may_nothing_happens(
    args: Args, data: Path, tmp_path: Path, shop: Shop, first: str, second: str, sentence: str
) -> None:
    (tmp_path / "wrong").write_text("ann\nnot the password\n")
    (tmp_path / "short").write_text("ann\n")
    before = (data / keeper.FILE_NAME).read_bytes()
    for command in (("rotate", "debit"), ("export", str(tmp_path / "out"), "--new-passphrase-file")):
        more = [str(_file(tmp_path, "new", "another one"))] if command[0] == "export" else []
        assert sentence in refuses(4, *args(*command, *more, first=first, second=second))
    assert (data / keeper.FILE_NAME).read_bytes() == before and not (tmp_path / "out").exists()
    assert shop.query("SELECT count(*) FROM key_acts") == [(0,)]


def _file(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content + "\n")
    return folder / name


def test_at_no_terminal_nobody_is_asked(data: Path, shop: Shop) -> None:
    assert "no terminal to ask at" in refuses(4, "keys", "rotate", "debit", "--data", str(data))
    assert "Say which roles" in refuses(4, "keys", "rotate", "--data", str(data))


@pytest.mark.parametrize("role", ["debt", "ledger"])
def test_what_is_no_role_to_rotate_is_told_before_anybody_is_asked(args: Args, data: Path, role: str) -> None:
    assert f"“{role}”" in refuses(4, *args("rotate", "debit", role))
    assert versions(data)["debit"] == (1,)


def test_while_a_host_serves_nothing_is_rotated(args: Args, data: Path, start: Start, broker: Broker) -> None:
    start(broker.port)
    assert "Another host serves" in refuses(4, *args("rotate", "debit"))
    assert versions(data)["debit"] == (1,)


def test_cards_are_not_left_behind_unless_somebody_says_so(args: Args, data: Path, shop: Shop) -> None:
    for number in range(2, 6):
        shop.card(0)
        shop.opened.keeper.rotate(["debit"], (data / "passphrase").read_bytes().strip())
        assert shop.opened.keeper.generation == number
    assert "1 active cards would have keys that no kiosk holds" in refuses(4, *args("rotate", "debit"))
    assert run(*args("rotate", "credit")).returncode == 0, "no kiosk holds that"
    assert run(*args("rotate", "debit", "--leave-behind")).returncode == 0
    assert versions(data)["debit"] == (1, 2, 3, 4, 5, 7)


def test_an_export_opens_with_the_new_passphrase_and_is_written_once(
    args: Args, data: Path, tmp_path: Path, shop: Shop
) -> None:
    out, new = tmp_path / "out", _file(tmp_path, "new", "another passphrase")
    done = run(*args("export", str(out), "--new-passphrase-file", str(new)))
    assert done.returncode == 0, done.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    ours = sealed.unseal(data / keeper.FILE_NAME, (data / "passphrase").read_bytes().strip())
    assert sealed.unseal(out, b"another passphrase") == ours
    again = args("export", str(out), "--new-passphrase-file", str(new))
    assert "never overwritten" in refuses(4, *again)
    nowhere = args("export", str(tmp_path / "no" / "out"), "--new-passphrase-file", str(new))
    assert "cannot be written" in refuses(4, *nowhere)
    for name, sentence in (("short", "at least 8 characters"), ("same", "choose another")):
        content = "1234567" if name == "short" else (data / "passphrase").read_text()
        file = _file(tmp_path, name, content.strip())
        more = args("export", str(tmp_path / "o2"), "--new-passphrase-file", str(file))
        assert sentence in refuses(4, *more)
    assert not (tmp_path / "o2").exists()
    acts = shop.query("SELECT act, first, second FROM key_acts ORDER BY id")
    assert acts[0] == ("export", "operator:boss", "operator:ann")


def test_another_passphrase_is_the_only_one_that_opens(data: Path, tmp_path: Path, shop: Shop) -> None:
    old = _file(tmp_path, "old", (data / "passphrase").read_text().strip())
    new = _file(tmp_path, "new", "another passphrase")
    fingerprint = shop.opened.keeper.fingerprint
    command = ("keys", "reseal", "--data", str(data))
    assert "no terminal" in refuses(4, *command)
    done = run(*command, "--new-passphrase-file", str(new))
    assert done.returncode == 0, done.stderr
    assert not (data / "passphrase").exists(), "it opens nothing any more"
    with pytest.raises(HostError, match="passphrase does not open"):
        installation.open_(data, old)
    opened = installation.open_(data, new)
    assert opened.keeper.fingerprint == fingerprint
    opened.database.close()


def test_a_reseal_that_the_disk_refuses_changes_nothing(
    data: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (data / keeper.FILE_NAME).read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(HostError, match="nothing was changed"):
        patched.setattr("host.private.os.fsync", full)
        shop.opened.keeper.seal_anew(b"another passphrase")
    assert (data / keeper.FILE_NAME).read_bytes() == before
    assert list(data.glob("*.part")) == []


def test_the_newcomer_who_names_another_passphrase_is_told_of_the_demo_s(data: Path, tmp_path: Path) -> None:
    mine = _file(tmp_path, "mine", "my own passphrase")
    assert run("init", "--data", str(tmp_path / "shop"), "--demo").returncode == 0
    for command in (("init",), ("serve",), ("keys", "status")):
        told = refuses(4, *command, "--data", str(tmp_path / "shop"), "--passphrase-file", str(mine))
        assert "--demo sealed them with" in told and "tapledger keys reseal" in told
    assert run("init", "--data", str(tmp_path / "shop"), "--demo").returncode == 0


def test_keys_from_before_a_rotation_do_not_open_the_books(args: Args, data: Path, shop: Shop) -> None:
    backup = (data / keeper.FILE_NAME).read_bytes()
    assert run(*args("rotate", "debit")).returncode == 0
    opened = installation.open_(data, None)
    Shop(opened, shop.kiosks, shop.batches).card(0)
    opened.database.close()
    (data / keeper.FILE_NAME).write_bytes(backup)
    with pytest.raises(HostError, match="end with generation 1, and cards have 2"):
        installation.open_(data, None)


def test_a_stolen_kiosk_is_revoked_and_what_it_held_rotated(args: Args, data: Path, shop: Shop) -> None:
    shop.connected("K1")
    done = run("kiosk", "revoke", "K1", "--data", str(data))
    assert "keys rotate --stolen-kiosk K1" in done.stdout, done.stderr
    assert "revoked already" in run("kiosk", "revoke", "K1", "--data", str(data)).stdout
    assert "There is no kiosk K9" in refuses(4, "kiosk", "revoke", "K9", "--data", str(data))
    assert run(*args("rotate", "--stolen-kiosk", "K1")).returncode == 0
    assert versions(data)["debit"] == versions(data)["read"] == (1, 2)
    assert versions(data)["credit"] == (1,)
    assert shop.query("SELECT reason FROM kiosk_revocations") == [("stolen",)]
    assert "There is no kiosk K9" in refuses(4, *args("rotate", "--stolen-kiosk", "K9"))
    assert versions(data)["debit"] == (1, 2)


def test_an_older_folder_gets_its_roles_and_is_told_so_before(data: Path, shop: Shop) -> None:
    passphrase = (data / "passphrase").read_bytes().strip()
    masters = sealed.unseal(data / keeper.FILE_NAME, passphrase)
    old = {role: made for role, made in masters.items() if role not in ("picc", "sdm-meta")}
    (data / keeper.FILE_NAME).write_bytes(sealed.seal(old, passphrase))
    told = refuses(4, "serve", "--data", str(data))
    assert "lack picc, sdm-meta" in told and "tapledger init" in told
    assert run("keys", "init", "--data", str(data)).returncode == 0
    assert set(versions(data)) == set(keeper.ROLES)
    assert sealed.unseal(data / keeper.FILE_NAME, passphrase)["debit"] == masters["debit"]
    other = data.parent / "other"
    installation.init(other, None, demo=True)
    (other / keeper.FILE_NAME).write_bytes(sealed.seal(old, (other / "passphrase").read_bytes().strip()))
    before = (other / keeper.FILE_NAME).read_bytes()
    assert "holds other keys" in refuses(4, "init", "--data", str(other))
    assert (other / keeper.FILE_NAME).read_bytes() == before, "keys of other books are not touched"


def test_a_token_takes_both_options(tmp_path: Path) -> None:
    told = refuses(4, "keys", "init", "--data", str(tmp_path / "x"), "--token", "shop")
    assert "--pkcs11-module PATH and --token LABEL" in told
    assert not (tmp_path / "x").exists()


def test_the_database_itself_lets_no_act_be_taken_back(args: Args, data: Path) -> None:
    assert run(*args("rotate", "debit")).returncode == 0
    raw = engine.connect(data / "tapledger.db")
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        raw.execute("DELETE FROM key_acts")
    raw.close()
