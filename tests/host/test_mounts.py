"""Disks that are full or read-only, real ones. Collected where we may mount: see conftest.py."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from host.db.whereabouts import FILE_NAME
from simulator.broker import Broker
from simulator.leash import Leash
from tests.host.full import goes_on_after
from tests.host.mounts import apart, disk, fill, read_only
from tests.host.process import Host, refuses
from tests.host.rig import open_shop


@pytest.fixture
def broker_kind() -> str:
    return "iotcore"


def test_a_full_disk_is_said_and_when_there_is_room_it_goes_on(
    tmp_path: Path, broker: Broker, leash: Leash
) -> None:
    def work() -> None:
        disk(tmp_path / "disk", "32m")

        def fill_up(_host: Host) -> Callable[[], object]:
            filler = fill(tmp_path / "disk")
            return filler.unlink

        goes_on_after(fill_up, open_shop(tmp_path / "disk" / "data"), broker, leash)

    apart(work)


def test_an_init_without_room_is_one_sentence_and_the_next_one_finishes_it(tmp_path: Path) -> None:
    def work() -> None:
        disk(tmp_path / "disk", "8m")
        data = tmp_path / "disk" / "data"
        for left in (0, 8192, 65536):  # for nothing; for the keys; for a part of the books
            filler = fill(tmp_path / "disk")
            os.truncate(filler, filler.stat().st_size - left)
            sentence = refuses(4, "init", "--data", str(data), "--demo")
            assert "cannot be" in sentence, sentence
            filler.unlink()
        assert open_shop(data).kiosk().name == "K1"

    apart(work)


@pytest.mark.parametrize("name", [".", FILE_NAME])
def test_what_is_mounted_read_only_is_not_served(name: str, data: Path) -> None:
    def work() -> None:
        read_only(data / name)
        sentence = refuses(4, "serve", "--data", str(data), "--port", "0")
        assert "cannot be" in sentence and str(data) in sentence
        if name == ".":
            assert "cannot be written" in refuses(4, "init", "--data", str(data), "--demo")

    apart(work)
