"""The two people of a demo."""

import json
import stat
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from host import demo, operators
from tests.host.process import run
from tests.host.rig import Shop


def test_both_can_log_in_once_they_are_made_and_are_made_once(shop: Shop, data: Path) -> None:
    demo.people(data)
    made = json.loads((data / demo.FILE_NAME).read_text())
    demo.people(data)
    assert json.loads((data / demo.FILE_NAME).read_text()) == made
    assert stat.S_IMODE((data / demo.FILE_NAME).stat().st_mode) == 0o600
    found = [operators.authenticate(shop.opened.database, one["name"], one["password"]) for one in made]
    assert [one.roles for one in found] == [("clerk",), ("owner",)]
    assert operators.may(found[1], "approve") and not operators.may(found[0], "approve")


def test_a_start_that_was_killed_is_finished(shop: Shop, data: Path, mocker: MockerFixture) -> None:
    add = mocker.patch("host.demo.operators.add", side_effect=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        demo.people(data)
    assert not (data / demo.FILE_NAME).exists()
    mocker.stop(add)
    demo.people(data)
    one = json.loads((data / demo.FILE_NAME).read_text())[0]
    assert operators.authenticate(shop.opened.database, one["name"], one["password"]).name == one["name"]


def test_only_a_demo_has_them(tmp_path: Path) -> None:
    done = run("init", "--data", str(tmp_path / "d"), "--people")
    assert done.returncode == 2 and "say --demo too" in done.stderr
    assert not (tmp_path / "d").exists()
