"""Killed or refused by the disk at any step, there is the whole old file or the whole new one."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from host import private

STEPS = ("open", "fsync", "link", "replace")


class Cut(BaseException):
    """The plug."""


class Switch:
    """Lets so many system calls pass, then pulls the plug before the next."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left: int, fault: type[BaseException]) -> None:
        self.left, self.fault = left, fault
        for name in STEPS:
            monkeypatch.setattr(private.os, name, self.counted(getattr(os, name)))

    def counted(self, call: Callable[..., object]) -> Callable[..., object]:
        def one(*args: object, **named: object) -> object:
            if not self.left:
                raise self.fault("no space")
            self.left -= 1
            return call(*args, **named)

        return one


@pytest.mark.parametrize("fault", [Cut, OSError])
@pytest.mark.parametrize("there", [None, b"old"])
def test_at_every_step_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bytes | None, fault: type[BaseException]
) -> None:
    path = tmp_path / "keys"
    for left in range(20):
        if there is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(there)
        done = False
        with monkeypatch.context() as patched:
            Switch(patched, left, fault)
            try:
                (private.write_new if there is None else private.replace)(path, b"new")
                done = True
            except fault:
                pass
        now = path.read_bytes() if path.exists() else None
        assert now in (there, b"new")
        if fault is OSError:
            assert list(tmp_path.glob("*.part")) == []
        if done:
            assert now == b"new" and stat.S_IMODE(path.stat().st_mode) == 0o600
            assert left >= 4, "it was cut before each step"
            return
    pytest.fail("it never came to an end")


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    private.write_new(path, b"one")
    with pytest.raises(FileExistsError):
        private.write_new(path, b"two")
    assert path.read_bytes() == b"one" and list(tmp_path.iterdir()) == [path]


def test_what_a_kill_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    for name in ("keys.0a.part", "keys", "other.0a.part"):
        (tmp_path / name).write_bytes(b"x")
    private.sweep(tmp_path / "keys")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys", "other.0a.part"]


@pytest.fixture
def given_away(tmp_path: Path) -> Path:
    """A file of somebody else's, as the broker's are."""
    if os.geteuid() != 0:
        pytest.skip("needs root: nobody else gives files away")
    path = tmp_path / "revoked.crl"
    path.write_bytes(b"old")
    os.chown(path, 65534, 65534)
    return path


def test_what_replaces_a_file_belongs_to_the_same_user(given_away: Path) -> None:
    private.replace(given_away, b"new")
    there = given_away.stat()
    assert (there.st_uid, there.st_gid, stat.S_IMODE(there.st_mode)) == (65534, 65534, 0o600)
    assert given_away.read_bytes() == b"new"


def test_a_file_that_we_may_not_give_back_stays_as_it_is(
    given_away: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(private.os, "chown", refused)  # what the system says to all but root
    with pytest.raises(PermissionError):
        private.replace(given_away, b"new")
    assert [(file.name, file.read_bytes()) for file in given_away.parent.iterdir()] == [
        ("revoked.crl", b"old")
    ]
