"""`tapledger cards import`: who may, with whom, and what he is told."""

import json
from pathlib import Path

import pytest

from host import operators
from host.cards import account
from host.operators import Operator, password
from tests.host.cards.imports.lists import GOOD, csv_of
from tests.host.looks import holds
from tests.host.process import refuses, run
from tests.host.rig import Shop

PASSWORD = "a good long word"


@pytest.fixture
def secret(tmp_path: Path, shop: Shop) -> Path:
    """Ann may take lists over, up to 100 yuan alone; Bob may approve; Eve is a clerk."""
    phc = password.make(PASSWORD)
    with shop.opened.database.write() as connection:
        for name, role in (("ann", "finance"), ("bob", "lead"), ("eve", "clerk")):
            operators.add(connection, Operator(name, (role,), 10_000, 0), phc, "test")
    file = tmp_path / "secret"
    file.write_text(PASSWORD + "\n")
    return file


def by(file: Path, name: str, second: str | None = None) -> list[str]:
    options = ["--as", name, "--as-password-file", str(file)]
    return options + (["--second", second, "--second-password-file", str(file)] if second else [])


def command(data: Path, path: Path, *more: str) -> list[str]:
    return ["cards", "import", str(path), "--data", str(data), *more]


def cards(shop: Shop) -> int:
    return int(shop.query("SELECT count(*) FROM cards")[0][0])


def test_two_persons_take_a_list_over_once(data: Path, shop: Shop, secret: Path, tmp_path: Path) -> None:
    path = csv_of(tmp_path, GOOD)
    tried = run(*command(data, path, "--dry-run"))
    assert tried.returncode == 0 and "4 cards, 1246.55 yuan, 37 points" in tried.stdout
    assert "nothing was imported: that was a trial" in tried.stderr and cards(shop) == 0
    done = run(*command(data, path, "--json", *by(secret, "ann", "bob")))
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["imported"] and told["balance_fen"] == 124_655, done.stderr
    assert shop.query("SELECT who, second FROM imports") == [("operator:ann", "operator:bob")]
    again = run(*command(data, path, *by(secret, "ann", "bob")))
    assert again.returncode == 0 and "was imported before: nothing was done" in again.stderr
    assert cards(shop) == 4
    holds(shop)


def test_who_may_not(data: Path, shop: Shop, secret: Path, tmp_path: Path) -> None:
    path = csv_of(tmp_path, GOOD)
    assert "by an operator's act alone" in refuses(4, *command(data, path))
    keys = data / "passphrase"
    assert "operator's act alone" in refuses(4, *command(data, path, "--passphrase-file", str(keys)))
    assert "eve may not take a list" in refuses(4, *command(data, path, *by(secret, "eve", "bob")))
    assert "name who approves it" in refuses(4, *command(data, path, *by(secret, "ann")))
    assert "is another one" in refuses(4, *command(data, path, *by(secret, "ann", "ann")))
    assert "eve may not say yes" in refuses(4, *command(data, path, *by(secret, "ann", "eve")))
    assert "no operator with this name" in refuses(4, *command(data, path, *by(secret, "ann", "nobody")))
    wrong = tmp_path / "wrong"
    wrong.write_text("something else")
    assert "no operator with this name" in refuses(4, *command(data, path, *by(wrong, "ann", "bob")))
    assert cards(shop) == 0


def test_one_person_up_to_his_limit_and_never_points(
    data: Path, shop: Shop, secret: Path, tmp_path: Path
) -> None:
    points = csv_of(tmp_path, [("N1", "00A2B304", "100", "1")])
    assert "1 points are more" in refuses(4, *command(data, points, *by(secret, "ann")))
    above = csv_of(tmp_path, [("N1", "00A2B304", "100.01", "")])
    assert "10001 fen" in refuses(4, *command(data, above, *by(secret, "ann")))
    done = run(*command(data, csv_of(tmp_path, [("N1", "00A2B304", "100", "")]), *by(secret, "ann")))
    assert done.returncode == 0 and cards(shop) == 1
    assert shop.query("SELECT second FROM imports") == [(None,)]


def test_rows_that_are_wrong_end_it_with_1(data: Path, shop: Shop, secret: Path, tmp_path: Path) -> None:
    path = csv_of(tmp_path, [*GOOD, ("N5", "A2B304", "1", "")])
    for options in (["--dry-run"], by(secret, "ann", "bob")):
        done = run(*command(data, path, *options))
        assert done.returncode == 1 and "put these rows right first" in done.stderr
        assert "row 6, uid: A2B304 has 6 hex digits" in done.stdout
    assert cards(shop) == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xff\xff", b"a,b\n1,2\n"])
def test_files_that_are_no_list(data: Path, shop: Shop, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    assert refuses(4, *command(data, path, "--dry-run")).startswith("tapledger: ")
    assert "cannot be read" in refuses(4, *command(data, tmp_path / "none", "--dry-run"))


def test_how_addresses_of_account_cards_begin(data: Path, shop: Shop, secret: Path) -> None:
    url = ["cards", "url", "--data", str(data)]
    assert run(*url).stdout.strip() == account.URL_DEFAULT
    assert "eve may not" in refuses(4, *url, "https://cards.example/c", *by(secret, "eve"))
    assert (
        run(*url, "https://cards.example/c", *by(secret, "bob")).stdout.strip() == "https://cards.example/c"
    )
    assert "begins with https" in refuses(4, *url, "http://cards.example/c", *by(secret, "bob"))
    assert shop.look(account.url_base) == "https://cards.example/c"
