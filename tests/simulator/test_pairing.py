"""The real firmware on a board without a bundle: it is paired by the code on its screen, and sells."""

import re
import subprocess
import sys
from pathlib import Path

from protocol.wire import pairing
from simulator.kiosk import VirtualKiosk
from simulator.reader import Field, Pn532, PtyReader
from simulator.world import ROM, World
from tests.waiting import until

PATIENCE_S = 60
GROUP = re.compile(r"[0-9A-Z]{6}")


def test_a_device_on_the_network_becomes_a_kiosk_by_its_code(tmp_path: Path) -> None:
    with World(tmp_path / "shop", seed=1, broker="iotcore") as world:
        reader = PtyReader(Pn532(Field())).start()
        kiosk = VirtualKiosk(ROM, tmp_path / "K7", reader)
        try:
            network = {"ssid": "shop", "host": "127.0.0.1", "port": world.host.port}
            kiosk.provision(None, **network)
            kiosk.power_on()
            until(lambda: len(groups(kiosk)) == 3, PATIENCE_S)
            code = groups(kiosk)
            assert pairing.secret_of("".join(code))
            kiosk.power_cut()  # a code is good until the power goes
            kiosk.power_on()
            until(lambda: len(groups(kiosk)) == 3 and groups(kiosk) != code, PATIENCE_S)
            session = tmp_path / "session"
            token = (world.host.data / "operator-token").read_text().strip()
            session.write_text(f'{{"host": "http://127.0.0.1:{world.host.port}", "token": "{token}"}}')
            command = [sys.executable, "-m", "host", "kiosk", "pair", "K7", *groups(kiosk), "--price", "25"]
            command += ["--broker", f"127.0.0.1:{world.broker.port}", "--session", str(session)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            assert "K7 has its bundle" in done.stdout, done.stderr
            assert kiosk.wait_screen("¥25.00", PATIENCE_S), (
                kiosk.screen_lines(),
                kiosk.board.console.tail(20),
            )
            (known,) = world.host.get("/kiosks")
            assert (known["name"], known["config"]["newest"]) == ("K7", 1)
            kiosk.power_cut()
            kiosk.power_on()
            assert kiosk.wait_screen("¥25.00", PATIENCE_S), "it is a kiosk for good"
        finally:
            kiosk.power_cut()
            reader.stop()


def groups(kiosk: VirtualKiosk) -> list[str]:
    """The code on the screen."""
    return GROUP.findall(" ".join(kiosk.screen_lines()))
