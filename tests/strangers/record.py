"""Makes tests/data/pn532 anew: what programs of others send over the serial line and what came back.

    python -m tests.strangers.record

A recording is {"client", "command", "made", "made_by", "field", "line"}: the client with its version, the
command that ran (PTY stands for the line's path), the day, this program, the cards in the field, and who
("host" or "chip") put which bytes on the line, in hex.
"""

import datetime
import json
import os
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag

from simulator.card import ClassicCard, ContactlessCard
from simulator.reader import Field, Pn532, PtyReader
from tests.environments import STRANGERS, python_of
from tests.simulator.card.terminal import out_of_field
from tests.strangers.running import run

FOLDER = Path(__file__).parents[1] / "data" / "pn532"
CARDS: dict[str, Callable[[], ContactlessCard]] = {
    "purse": out_of_field,
    "classic": lambda: ClassicCard(b"\x01\x02\x03\x04"),
}
GET_VERSION = (b"\x90\x60\x00\x00\x00", b"\x90\xaf\x00\x00\x00")


class Tape:
    """Listens to a chip's line; what one side says in a row is one entry."""

    def __init__(self) -> None:
        self.line: list[list[str]] = []

    def __call__(self, who: str, data: bytes) -> None:
        if self.line and self.line[-1][0] == who:
            self.line[-1][1] += data.hex()
        else:
            self.line.append([who, data.hex()])


def nfcpy(path: str) -> str:
    """Opens the reader, activates the card, asks for its version, closes."""
    clf = nfc.ContactlessFrontend()
    clf.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(path))
    target = clf.sense(nfc.clf.RemoteTarget("106A"))
    if target is not None:
        tag = nfc.tag.activate(clf, target)
        for apdu in GET_VERSION:
            tag.transceive(apdu)
    clf.close()
    return f"nfcpy {version('nfcpy')}"


def libnfc(path: str) -> str:
    """nfc-list, which looks for every kind of card."""
    settings = {**os.environ, "LIBNFC_DEVICE": f"pn532_uart:{path}"}
    done = subprocess.run(["nfc-list"], env=settings, check=True, capture_output=True, text=True)
    return done.stdout.split("uses ")[1].splitlines()[0]


def program(name: str) -> Callable[[str], str]:
    """A stranger's read.py, in its environment."""

    def on(path: str) -> str:
        run(python_of(STRANGERS / name), name, "uart", path)
        pins = (STRANGERS / name / "requirements.txt").read_text().splitlines()
        return next(pin.replace("==", " ") for pin in pins if "pn532" in pin and pin[0] != "#")

    return on


RECORDINGS: dict[str, tuple[Callable[[str], str], str, tuple[str, ...]]] = {
    "nfcpy-purse": (nfcpy, "tests/strangers/record.py, nfcpy", ("purse",)),
    "nfcpy-empty": (nfcpy, "tests/strangers/record.py, nfcpy", ()),
    "libnfc-purse": (libnfc, "LIBNFC_DEVICE=pn532_uart:PTY nfc-list", ("purse",)),
    "libnfc-classic": (libnfc, "LIBNFC_DEVICE=pn532_uart:PTY nfc-list", ("classic",)),
    "libnfc-empty": (libnfc, "LIBNFC_DEVICE=pn532_uart:PTY nfc-list", ()),
    "adafruit-purse": (program("adafruit"), "tests/strangers/adafruit/read.py uart PTY", ("purse",)),
    "pn532pi-purse": (program("pn532pi"), "tests/strangers/pn532pi/read.py uart PTY", ("purse",)),
}


def main() -> None:
    """Write every recording."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (client, command, cards) in RECORDINGS.items():
        chip = Pn532(Field())
        for card in cards:
            chip.field.place(CARDS[card]())
        tape = Tape()
        chip.line_listeners.append(tape)
        with PtyReader(chip) as reader:
            said = client(reader.path)
        content = {
            "client": said,
            "command": command,
            "made": datetime.date.today().isoformat(),
            "made_by": "python -m tests.strangers.record",
            "field": list(cards),
            "line": tape.line,
        }
        (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")
        print(f"{name}: {said}, {len(tape.line)} turns")


if __name__ == "__main__":
    main()
