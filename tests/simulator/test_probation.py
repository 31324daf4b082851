"""The real firmware rejects a configuration that it does not know, says so, and takes a newer one."""

from contextlib import closing
from pathlib import Path
from typing import Any

from host.db import engine
from simulator.world import World
from tests.waiting import until

PATIENCE_S = 60
AHEAD = "a host newer than this kiosk"


def test_a_mode_that_only_a_newer_firmware_knows_is_rejected(tmp_path: Path) -> None:
    with World(tmp_path / "shop", seed=1, broker="iotcore") as world:
        unit = world.add_kiosk("K1", 2500)
        assert unit.kiosk.wait_screen("¥25.00", PATIENCE_S), unit.screen()
        until(lambda: config(world)["confirmed"] == 1, PATIENCE_S)
        with closing(engine.connect(world.host.data / "tapledger.db")) as books:
            names = [row[1] for row in books.execute("PRAGMA table_info(kiosk_configs)")]
            changed = {"version": "2", "mode": "'lottery'", "price_fen": "9900", "who": f"'{AHEAD}'"}
            values = ", ".join(changed.get(name, name) for name in names)
            books.execute(
                f"INSERT INTO kiosk_configs ({', '.join(names)}) SELECT {values} FROM kiosk_configs"
            )
        unit.power_cut()
        unit.power_on()
        until(lambda: config(world)["rejected"] is not None, PATIENCE_S)
        wanted = {"newest": 2, "confirmed": 1, "rejected": "mode lottery is not known"}
        assert config(world) == wanted
        assert "config-rejected" in [one["code"] for one in world.host.get("/alarms")["alarms"]]
        assert unit.kiosk.wait_screen("¥25.00", PATIENCE_S), "the one before serves"
        world.host.post("/kiosks", name="K1", mode="fixed", price_fen=3000)
        assert unit.kiosk.wait_screen("¥30.00", PATIENCE_S), unit.screen()


def config(world: World) -> dict[str, Any]:
    """What the host knows of the kiosk's configuration."""
    (known,) = world.host.get("/kiosks")
    return dict(known["config"])
