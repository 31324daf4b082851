"""`tapledger kiosk flash`: MicroPython, firmware and bundle go onto a new board, over a cable."""

import shlex
import subprocess
import tempfile
import urllib.parse
from pathlib import Path
from typing import Any

import click

from host import fields
from host.cli_proof import secret
from host.errors import HostError
from host.flashing import partitions, steps
from protocol.wire import bundle as bundles
from protocol.wire import device as devices
from protocol.wire.form import FormError

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "build" / "firmware" / "firmware.img"
TABLE = ROOT / "firmware" / "partitions.csv"
_file = click.Path(path_type=Path)


@click.command()
@click.argument("name")
@click.option("--port", required=True, help="Serial line of the board, such as /dev/ttyUSB0.")
@click.option("--micropython", type=_file, required=True, help="MicroPython's image: docs/hardware.md.")
@click.option("--bundle", type=_file, show_default="NAME.bundle", help="Of `tapledger kiosk add`.")
@click.option("--board", type=click.Choice(devices.BOARDS), default=devices.BOARDS[0], show_default=True)
@click.option(
    "--display", type=click.Choice(devices.DISPLAYS), default=devices.DISPLAYS[0], show_default=True
)
@click.option("--keypad", is_flag=True, help="It has one.")
@click.option("--firmware", type=_file, default=FIRMWARE, help="Of `make firmware`.", show_default=True)
@click.option("--pair", "host", metavar="URL", help="No bundle: it will ask this host for one, by a code.")
@click.option("--wifi", help="With --pair: the network's name.")
@click.option("--wifi-password-file", type=_file, help="With --pair: its password; without: asked for.")
@click.option("--open-wifi", is_flag=True, help="With --pair: the network has no password.")
@click.option("--dry-run", is_flag=True, help="Say what would be run, and run nothing.")
def flash(name: str, port: str, dry_run: bool, **given: Any) -> None:
    """Erase a board and make it the kiosk NAME. Needs `pip install 'tapledger[flash]'`."""
    layout = partitions.read(TABLE)
    device = _device(given)
    bundle = None if given["host"] else given["bundle"] or Path(f"{name}.bundle")
    if bundle is not None:
        _check_bundle(bundle, name)
    with tempfile.TemporaryDirectory() as folder:  # only its owner may look into it
        table, described = Path(folder) / "partitions.bin", Path(folder) / "device.cbor"
        table.write_bytes(partitions.table(layout))
        described.write_bytes(device)
        job = steps.Job(
            given["board"], port, given["micropython"], table, described, bundle, given["firmware"]
        )
        steps.check_files(job, layout)
        if not dry_run:
            steps.check_tools()
            steps.check_port(port)
        for command in steps.commands(job, layout):
            click.echo(shlex.join(command))
            if not dry_run and subprocess.run(command).returncode:
                raise HostError(
                    f"{command[2]} failed: see above. Nothing is lost; begin again with this command."
                )
    if not dry_run:
        click.echo(f"{name} is flashed. Its Wi-Fi and the host's words come by themselves now.")


def _device(given: dict[str, Any]) -> bytes:
    values: dict[str, Any] = {name: given[name] for name in ("board", "display")}
    values["keypad"] = int(given["keypad"])
    if given["host"] is not None:
        address = urllib.parse.urlsplit(given["host"])
        tls = address.scheme == "https"
        try:
            port = address.port or (443 if tls else 80)
        except ValueError:
            port = 0
        if address.scheme not in ("http", "https") or not address.hostname or not port:
            raise HostError(
                f"--pair must be the host's address, such as http://10.0.0.2:8320, not {given['host']}."
            )
        if given["wifi"] is None:
            raise HostError("--pair needs --wifi too: the kiosk asks the host over the network.")
        password = ""
        if not given["open_wifi"]:
            password = secret(
                f"Password of the network {given['wifi']}", given["wifi_password_file"], new=False
            )
        values |= {"ssid": given["wifi"], "password": password, "host": address.hostname}
        values |= {"port": port, "tls": int(tls)}
    try:
        return devices.encode(**values)
    except FormError as error:
        raise HostError(f"The kiosk cannot be described so: {fields.of_form(error)}.") from None


def _check_bundle(path: Path, name: str) -> None:
    try:
        made = bundles.decode(path.read_bytes())
    except OSError as error:
        raise HostError(
            f"The bundle {path} cannot be read ({error.strerror}): `tapledger kiosk add {name}` writes it."
        ) from None
    except FormError as error:
        raise HostError(f"{path} is no bundle: {fields.of_form(error)}.") from None
    if made["name"] != name:
        raise HostError(f"{path} is the bundle of {made['name']}, not of {name}.")
