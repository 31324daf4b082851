"""The example client of docs/till.md works against the lines that a kiosk writes, and ends as it is told."""

import re
import subprocess
import sys
from pathlib import Path

from simulator.serial_till import SerialTill, line

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "till.md").read_text(encoding="utf-8")


def client(tmp_path: Path, answers: list[bytes]) -> tuple[list[str], int, list[str]]:
    """The client at one end of a line, these answers from the other -> (what it asked, exit code, output)."""
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    script = tmp_path / "till.py"
    script.write_text(program, encoding="utf-8")
    kiosk = SerialTill()  # its terminal's other end: there both sides speak the same lines
    run = subprocess.Popen(
        [sys.executable, script, kiosk.path, "42", "1250"],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        assert kiosk.heard("CHARGE 42 1250 60", 10)
        for answer in answers:
            kiosk.say(answer)
        out, _ = run.communicate(timeout=60)
    finally:
        run.kill()
        kiosk.stop()
    return kiosk.answers(), run.returncode, out.splitlines()


def test_it_waits_until_the_card_has_paid(tmp_path: Path) -> None:
    told = [line("WAIT 42"), line("CARD 42"), b"PAID 42 1.1*00000000\r\n", line("PAID 42 1.1")]
    asked, code, shown = client(tmp_path, told)
    assert (asked, code) == (["CHARGE 42 1250 60"], 0)
    assert shown == ["WAIT", "CARD", "PAID 1.1"]


def test_it_ends_with_what_the_kiosk_says(tmp_path: Path) -> None:
    _, code, shown = client(tmp_path, [line("WAIT 42")[:5], line("WAIT 42")[5:] + line("REFUSED 42 low")])
    assert (code, shown) == (1, ["WAIT", "REFUSED low"])
