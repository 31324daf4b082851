"""`tapledger update`: images and roll-outs from the command line, by who may."""

from pathlib import Path

import pytest

from protocol.wire import image_file
from tests.host.process import refuses, run
from tests.host.rig import Shop

PASSWORD = "a good long word"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "firmware.img"
    file.write_bytes(image_file.make(b"a firmware", "0.2.0", 0b11, (1, 0b10)))
    return file


def update(data: Path, command: str, *more: str) -> list[str]:
    return ["update", command, "--data", str(data), *more]


def test_an_image_is_added_rolled_out_looked_at_and_stopped(data: Path, shop: Shop, image: Path) -> None:
    shop.connected("K1")
    assert "is in the books" in run(*update(data, "add", str(image))).stdout
    assert "was there already" in run(*update(data, "add", str(image))).stdout
    assert "Nothing was ever rolled out" in run(*update(data, "status")).stdout
    times = ("--soak", "5", "--silent", "15", "--absent", "36")
    begun = run(*update(data, "start", "0.2.0", "--first", "K1", *times))
    assert "Version 0.2.0 goes to K1 at its next hello." in begun.stdout, begun.stderr
    assert shop.query("SELECT soak_s, silent_s, absent_s FROM rollouts") == [(300, 900, 36 * 3600)]
    shown = run(*update(data, "status")).stdout
    assert "0.2.0 is being rolled out since" in shown and "by passphrase" in shown
    assert "one kiosk: 0 of 1 confirmed" in shown and "K1 is waited for; last heard of: 2" in shown
    assert "stop that first" in refuses(4, *update(data, "start", "0.2.0", "--first", "K1"))
    held = run(*update(data, "hold", "K1", "--reason", "the fair is on")).stdout
    assert "K1 is held back from 0.2.0: the next roll-out has it in." in held
    assert "from 0.2.0 already" in run(*update(data, "hold", "K1", "--reason", "x")).stdout
    shown = run(*update(data, "status")).stdout
    assert "K1 is held back since 2" in shown and "by passphrase: the fair is on" in shown
    assert "waited for" not in shown
    assert "is stopped" in run(*update(data, "stop", "--reason", "prices look wrong")).stdout
    assert "prices look wrong" in run(*update(data, "status")).stdout
    for command in (("stop",), ("hold", "K1", "--reason", "x")):
        assert "No update" in refuses(4, *update(data, *command))


@pytest.mark.parametrize("reason", ["", " ", "x" * 201, "two\nlines", "\udcff", "\x1b[2J"])
def test_a_reason_that_cannot_be_shown_is_refused_and_nothing_happens(
    data: Path, shop: Shop, image: Path, reason: str
) -> None:
    shop.connected("K1")
    run(*update(data, "add", str(image)))
    run(*update(data, "start", "0.2.0", "--first", "K1"))
    revoke = ["kiosk", "revoke", "K1", "--data", str(data)]
    for command in (update(data, "hold", "K1"), update(data, "stop"), revoke):
        done = run(*command, "--reason", reason)
        assert done.returncode == 2 and "one line of 1 to 200 characters" in done.stderr, done.stderr
    for table in ("rollout_holds", "rollout_ends", "kiosk_revocations"):
        assert shop.query(f"SELECT count(*) FROM {table}") == [(0,)]


def test_who_may_not_is_told_so_and_nothing_happens(
    data: Path, shop: Shop, image: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\n")
    for name, role in (("boss", "owner"), ("lee", "lead")):
        run("operators", "add", name, "--data", str(data), "--role", role, "--password-file", str(secret))
    by_lead = ("--as", "lee", "--as-password-file", str(secret))
    assert "ask somebody who is owner" in refuses(4, *update(data, "add", str(image), *by_lead))
    assert shop.query("SELECT count(*) FROM firmware_images") == [(0,)]
    by_boss = ("--as", "boss", "--as-password-file", str(secret))
    assert "is in the books" in run(*update(data, "add", str(image), *by_boss)).stdout
    assert shop.query("SELECT who FROM firmware_images") == [("operator:boss",)]


def test_what_is_no_image_version_or_kiosk_is_a_sentence(data: Path, shop: Shop, image: Path) -> None:
    whole = image.read_bytes()
    for content in (whole[:-1], whole[:30], b"", b"#!/bin/sh\n" * 9, bytes(400_000)):
        image.write_bytes(content)
        assert "no firmware image" in refuses(4, *update(data, "add", str(image)))
    assert "cannot be read" in refuses(4, *update(data, "add", str(image.parent / "none")))
    for version in ("1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "0.0.0", "1.1000.0", "9999.0.0", "１.2.3"):
        assert "is no version" in refuses(4, *update(data, "start", version, "--first", "K1")), version
    for absent in ("0", "337", "-1", "a day"):
        done = run(*update(data, "start", "0.2.0", "--first", "K1", "--absent", absent))
        assert done.returncode == 2 and "Invalid value for '--absent'" in done.stderr
    never = ("--absent", "1", "--silent", "60")
    assert "longer than it may be silent" in refuses(
        4, *update(data, "start", "0.2.0", "--first", "K1", *never)
    )
    assert "no kiosk K1" in refuses(4, *update(data, "hold", "K1", "--reason", "x"))
    assert "add it first" in refuses(4, *update(data, "start", "0.2.0", "--first", "K1"))
    assert shop.query("SELECT count(*) FROM rollouts") == [(0,)]
