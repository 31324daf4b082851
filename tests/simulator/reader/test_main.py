"""The reader as a program of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import pytest

from simulator.card import DesfireCard
from simulator.reader import __main__ as program
from tests.simulator.card.terminal import AID, out_of_field
from tests.simulator.reader.pcsc import run_client, running_pcscd


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
        (["nowhere.json"], "No such file"),
        (["classic", "desfire", "felica"], "the field holds 2 cards"),
    ],
)
def test_a_card_that_cannot_be_is_refused(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main([part for word in words for part in ("--card", word)]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("kind", program.KINDS)
def test_every_kind_has_a_usual_uid(kind: str) -> None:
    assert program.card_of(kind).uid.hex().upper() == program.KINDS[kind][1]


def test_a_card_can_come_from_a_file_that_is_only_read(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(out_of_field(4_200).dump()))
    card = program.card_of(str(path))
    assert isinstance(card, DesfireCard) and card.value_fen(AID, 2) == 4_200
    path.write_text("[]")
    with pytest.raises(ValueError, match="no card that dump"):
        program.card_of(str(path))


def test_it_may_be_a_card_in_a_pcsc_reader(tmp_path: Path) -> None:
    script = """
from smartcard.CardRequest import CardRequest
from smartcard.CardType import AnyCardType
service = CardRequest(timeout=10, cardType=AnyCardType()).waitforcard()
service.connection.connect()
print(bytes(service.connection.transmit(list(bytes.fromhex("9060000000")))[0]).hex())
"""
    with running_pcscd(tmp_path) as (port, environment):
        command = [sys.executable, "-m", "simulator.reader", "--card", "desfire-ev1", "--vpcd", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"vpcd {port}\n"
            assert run_client(script, environment).strip() == "04010101001a05"
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


def test_without_vpcd_it_says_what_is_missing(refusing_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--card", "desfire", "--vpcd", str(refusing_port)]) == 1
    assert "is pcscd running" in capsys.readouterr().err
