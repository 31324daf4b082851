"""`tapledger operators`: who may change operators, and nothing is an argument that must not be seen."""

from pathlib import Path

import pytest

from host import operators
from tests.host.process import refuses, run
from tests.host.rig import Shop

PASSWORD = "a good long word"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(PASSWORD + "\n")
    return file


def test_an_owner_adds_a_clerk_and_a_clerk_adds_nobody(data: Path, shop: Shop, secret: Path) -> None:
    def add(name: str, role: str, *more: str) -> list[str]:
        return [
            "operators",
            "add",
            name,
            "--data",
            str(data),
            "--role",
            role,
            "--password-file",
            str(secret),
            *more,
        ]

    def by(name: str, file: Path = secret) -> tuple[str, ...]:
        return "--as", name, "--as-password-file", str(file)

    assert "boss is owner" in run(*add("boss", "owner")).stdout  # by the passphrase that --demo kept
    done = run(*add("ann", "clerk", "--load-limit-fen", "50000", *by("boss")))
    assert "ann is clerk" in done.stdout, done.stderr
    ann = shop.look(operators.find, "ann")
    assert ann is not None and (ann.load_limit_fen, ann.refund_limit_fen) == (50_000, 0)
    assert "ask somebody who is owner" in refuses(4, *add("eve", "owner", *by("ann")))
    wrong = data / "wrong"
    wrong.write_text("not the password")
    assert "no operator with this name and password" in refuses(4, *add("eve", "owner", *by("boss", wrong)))
    assert "does not open the keys" in refuses(4, *add("eve", "owner", "--passphrase-file", str(wrong)))
    assert "no terminal" in refuses(4, *add("eve", "owner", "--as", "boss"))
    assert "already" in refuses(4, *add("ann", "owner"))
    listed = run("operators", "list", "--data", str(data), "--history").stdout
    assert "ann  active  clerk  load 50000 refund 0 fen" in listed and "eve" not in listed
    assert "by operator:boss" in listed and "by passphrase" in listed


def test_a_reset_password_and_a_disabled_operator(data: Path, shop: Shop, secret: Path) -> None:
    run("operators", "add", "ann", "--data", str(data), "--role", "clerk", "--password-file", str(secret))
    other = data / "other"
    other.write_text("quite another one")
    assert (
        "new password"
        in run("operators", "reset", "ann", "--data", str(data), "--password-file", str(other)).stdout
    )
    assert operators.authenticate(shop.opened.database, "ann", "quite another one").name == "ann"
    assert "is disabled" in run("operators", "disable", "ann", "--data", str(data)).stdout
    found = shop.look(operators.find, "ann")
    assert found is not None and not found.rights
    assert "active: clerk" in run("operators", "change", "ann", "--data", str(data), "--enable").stdout
    changed = run(
        "operators", "change", "ann", "--data", str(data), "--role", "lead", "--refund-limit-fen", "7"
    )
    assert "active: lead" in changed.stdout
    for command in ("reset", "disable", "change"):
        assert "no operator bob" in refuses(4, "operators", command, "bob", "--data", str(data))


def test_the_machine_s_token_can_be_had_anew(data: Path, shop: Shop) -> None:
    token = (data / "operator-token").read_text().strip()
    assert "new token" in run("operators", "reset", "desk", "--data", str(data)).stdout
    again = (data / "operator-token").read_text().strip()
    assert again != token and (data / "operator-token").stat().st_mode & 0o777 == 0o600
    assert shop.look(operators.by_token, token) is None
    assert shop.look(operators.by_token, again) is not None
    assert not list(data.glob("*.part"))


def test_a_machine_of_its_own(data: Path, shop: Shop) -> None:
    base = ("operators", "add", "till", "--data", str(data), "--role", "machine")
    assert "--token-file" in refuses(4, *base)
    assert shop.look(operators.find, "till") is None
    assert "cannot be written" in refuses(4, *base, "--token-file", str(data / "none" / "token"))
    assert shop.look(operators.find, "till") is None
    run(*base, "--token-file", str(data / "till"), "--load-limit-fen", "100")
    found = shop.look(operators.by_token, (data / "till").read_text().strip())
    assert found is not None and (found.name, found.load_limit_fen) == ("till", 100)
    assert "--token-file" in refuses(4, "operators", "reset", "till", "--data", str(data))
