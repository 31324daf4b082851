"""The reader as a program of its own."""

import signal
import subprocess
import sys

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import pytest

from simulator.reader import __main__ as program


def test_it_prints_its_line_and_serves_it_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "simulator.reader", "--card", "classic:04050607", "--card", "felica"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        path = process.stdout.readline().strip()
        clf = nfc.ContactlessFrontend()
        clf.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(path))
        assert clf.sense(nfc.clf.RemoteTarget("106A")).sdd_res.hex() == "04050607"
        assert clf.sense(nfc.clf.RemoteTarget("212F")).sensf_res[1:9].hex() == "0123456789abcdef"
        clf.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["purse"], "'purse' is no kind of card: use one of desfire"),
        (["classic:04"], "bytes, not 1"),
        (["classic:xx"], "fromhex"),
        (["classic", "desfire", "felica"], "the field holds 2 cards"),
    ],
)
def test_a_card_that_cannot_be_is_refused(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main([part for word in words for part in ("--card", word)]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("kind", program.KINDS)
def test_every_kind_has_a_uid_of_its_own(kind: str) -> None:
    assert program.card_of(kind).uid.hex().upper() == program.KINDS[kind][1]
