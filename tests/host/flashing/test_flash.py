"""`tapledger kiosk flash`: what is run, in which order, and what is said when something is missing."""

import os
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from host.cli_kiosk_flash import TABLE
from host.errors import HostError
from host.flashing import partitions, steps
from protocol.wire import bundle, device, image_file
from tests.host.process import refuses, run

BUNDLE = bundle.encode("K1", 1, bytes(range(32)), "10.0.0.2", 8883, ssid="shop", password="12345678")
JOB = steps.Job(
    "wroom32", "/dev/ttyUSB0", Path("mp.bin"), Path("t.bin"), Path("d.cbor"), Path("b"), Path("f.img")
)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Options that name a MicroPython, a firmware and a bundle."""
    (tmp_path / "mp.bin").write_bytes(b"\xe9" + bytes(5000))
    (tmp_path / "f.img").write_bytes(image_file.make(bytes(9000), "0.2.0", 0b11, (1, 0b10)))
    (tmp_path / "K1.bundle").write_bytes(BUNDLE)
    named = {"micropython": "mp.bin", "firmware": "f.img", "bundle": "K1.bundle"}
    return [word for name, file in named.items() for word in (f"--{name}", str(tmp_path / file))]


def test_micropython_first_then_the_files_then_the_firmware() -> None:
    layout = partitions.read(TABLE)
    esptool = [
        sys.executable,
        "-m",
        "esptool",
        "--chip",
        "esp32",
        "--port",
        "/dev/ttyUSB0",
        "--baud",
        "460800",
    ]
    mpremote = [
        sys.executable,
        "-m",
        "mpremote",
        "connect",
        "/dev/ttyUSB0",
        "resume",
        "exec",
        steps.MOUNT,
        "+",
    ]
    copies = ["fs", "cp", "d.cbor", ":/device.cbor", "+", "fs", "cp", "b", ":/bundle.cbor", "+"]
    assert steps.commands(JOB, layout) == [
        [*esptool, "erase-flash"],
        [*esptool, "write-flash", "0x1000", "mp.bin", "0x8000", "t.bin"],
        [*mpremote, *copies, "exec", "vfs.umount('/')"],
        [*esptool, "write-flash", "0x202000", "f.img"],
    ]


def test_another_board_and_no_bundle() -> None:
    job = steps.Job(**(JOB.__dict__ | {"board": "s3", "bundle": None}))
    erase, write, copy, _ = steps.commands(job, partitions.read(TABLE))
    assert erase[4] == "esp32s3" and write[-4] == "0x0"
    assert "d.cbor" in copy and ":/bundle.cbor" not in copy
    assert tuple(steps.CHIPS) == device.BOARDS
    with pytest.raises(HostError, match="needs romfs, vfs and journal"):
        steps.commands(job, {})


def test_a_dry_run_says_it_all_and_needs_no_board(files: list[str]) -> None:
    done = run("kiosk", "flash", "K1", "--port", "/dev/none", "--dry-run", *files)
    assert done.returncode == 0, done.stderr
    words = shlex.split(done.stdout)
    assert (words.count("esptool"), words.count("mpremote"), words.count(steps.MOUNT)) == (3, 1, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--bundle", "none"], "tapledger kiosk add K1` writes it"),
        (["--micropython", "none"], "MicroPython's file none cannot be read"),
        (["--micropython", os.devnull], "has 0 bytes"),
        (["--firmware", "none"], "cannot be read"),
        (["--firmware", __file__], "`make firmware` makes firmware.img"),
        (["--micropython", __file__], "no image of an ESP32's program"),
        (["--bundle", __file__], "is no bundle"),
        (["--pair", "ftp://x", "--wifi", "w", "--open-wifi"], "--pair must be the host's address"),
        (["--pair", "http://h:99999", "--wifi", "w", "--open-wifi"], "--pair must be the host's address"),
        (["--pair", "http://h"], "--pair needs --wifi too"),
        (
            ["--pair", "http://h", "--wifi", "x" * 33, "--open-wifi"],
            "text of 1 to 32 characters, a Chinese one",
        ),
        (["--pair", "http://h", "--wifi", "w"], "there is no terminal to ask at"),
    ],
)
def test_what_is_wrong_is_one_sentence_before_anything_is_run(
    files: list[str], options: list[str], said: str
) -> None:
    assert said in refuses(4, "kiosk", "flash", "K1", "--port", "/dev/none", "--dry-run", *files, *options)


def test_another_kiosks_bundle_and_a_firmware_of_another_board_are_refused(
    files: list[str], tmp_path: Path
) -> None:
    dry = ("--port", "/dev/none", "--dry-run")
    assert "is the bundle of K1, not of K2" in refuses(4, "kiosk", "flash", "K2", *dry, *files)
    whole = image_file.make(bytes(9000), "0.2.0", 0b01, (1, 0b10))
    for content, said in (
        (whole, "for other boards than s3"),
        (whole[:-1], "f.img is no firmware image: the image has 8999 bytes"),
        (whole + b"x", "the image has 9001 bytes"),
        (whole[:-1] + b"x", "the image is damaged: its SHA-256 is another. `make firmware`"),
    ):
        (tmp_path / "f.img").write_bytes(content)
        assert said in refuses(4, "kiosk", "flash", "K1", *dry, "--board", "s3", *files)


def test_a_port_that_is_not_there_and_tools_that_are_not_are_said(
    files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for port in ("/dev/none", "/", str(Path(__file__))):
        with pytest.raises(HostError, match=f"no serial line {port}. Plugged in: "):
            steps.check_port(port)
    steps.check_port(os.devnull)
    if find_spec("esptool") is None:
        assert "esptool is not installed" in refuses(4, "kiosk", "flash", "K1", "--port", "/dev/none", *files)
    monkeypatch.setattr(steps, "TOOLS", ("mpremote", "no_such_tool"))
    with pytest.raises(HostError, match=r"no_such_tool is not installed here: run `pip install"):
        steps.check_tools()
