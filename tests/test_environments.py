"""Environments are made once, from pins; what cannot be made says why."""

import re
from pathlib import Path

import pytest

from tests.environments import Unavailable, python_of, stranger

TESTS = Path(__file__).parent


def test_every_package_is_pinned() -> None:
    files = list(TESTS.glob("**/requirements.txt"))
    assert len(files) >= 1
    for file in files:
        lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_what_cannot_be_installed_is_unavailable_and_leaves_no_mark(tmp_path: Path) -> None:
    home = tmp_path / "none"
    home.mkdir()
    (home / "requirements.txt").write_text(f"{tmp_path}/no-such-package\n")
    with pytest.raises(Unavailable, match=r"^none cannot be installed: .*no-such-package"):
        python_of(home, tmp_path / "build")
    assert not (tmp_path / "build" / "none" / "installed").exists()


def test_an_environment_is_made_once_and_again_when_its_pins_change(tmp_path: Path) -> None:
    home = tmp_path / "empty"
    home.mkdir()
    pins = home / "requirements.txt"
    pins.write_text("# nothing\n")
    python = python_of(home, tmp_path / "build")
    kept = python.parent.parent / "kept"
    kept.touch()
    assert python_of(home, tmp_path / "build") == python
    assert kept.exists()
    pins.write_text("# still nothing, in other words\n")
    assert python_of(home, tmp_path / "build") == python
    assert not kept.exists()


def test_a_test_without_its_stranger_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(home: Path) -> Path:
        raise Unavailable(f"{home.name} cannot be installed: no network")

    monkeypatch.setattr("tests.environments.python_of", unavailable)
    with pytest.raises(pytest.skip.Exception, match="nobody cannot be installed: no network"):
        stranger("nobody")
