"""`tapledger broker`: what mosquitto needs so that only our host, kiosks and readers connect to it."""

from pathlib import Path

import click

from host import installation, private
from host.cli_options import data_option, passphrase_option
from host.db import schema
from host.db.connection import faults
from host.errors import HostError
from host.terminals.fleet import revoked
from host.terminals.line import WORKERS_MAX, authority
from host.terminals.line.authority import Authority

CA, CERTIFICATE, KEY = "ca.crt", "broker.crt", "broker.key"
REVOKED, ACL, CONF = "revoked.crl", "acl", "mosquitto.conf"
QUEUED_MAX = 1000  # messages that it keeps for one who is away; nothing rests on them
_TOPICS = "tapledger/v1"
_folder = click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The broker's folder; made if need be."
)


@click.group()
def broker() -> None:
    """The MQTT broker: its certificate, who may connect, who may no more."""


@broker.command()
@data_option
@passphrase_option
@_folder
@click.option("--name", "names", multiple=True, required=True, help="How it is reached; may be given again.")
@click.option("--port", type=click.IntRange(1, 65535), default=8883, show_default=True)
def setup(data: Path, passphrase_file: Path | None, out: Path, names: tuple[str, ...], port: int) -> None:
    """Write a configuration for mosquitto, with a new key and certificate for it."""
    made, listed = _of(data, passphrase_file)
    certificate, key = made.broker(names)
    _write(
        out,
        {
            CA: authority.pem_of(made.certificate),
            CERTIFICATE: certificate,
            KEY: key,
            REVOKED: made.revoked(listed),
            ACL: acl().encode(),
            CONF: conf(out.resolve(), port).encode(),
        },
    )
    click.echo(f"{out / CONF} is ready. The files must belong to the user that mosquitto runs as.")


@broker.command("revoked")
@data_option
@passphrase_option
@_folder
def revoked_(data: Path, passphrase_file: Path | None, out: Path) -> None:
    """Write the list of revoked kiosks anew; then restart mosquitto, which so drops them at once."""
    made, listed = _of(data, passphrase_file)
    _write(out, {REVOKED: made.revoked(listed)})
    click.echo(f"{out / REVOKED} names {len(listed)}. It holds once mosquitto is restarted.")


def _of(data: Path, passphrase_file: Path | None) -> tuple[Authority, list[tuple[int, int]]]:
    opened = installation.open_(data, passphrase_file)
    try:
        with opened.database.read() as connection:
            return Authority(opened.keeper), revoked.lives(connection)
    except faults() as error:
        raise schema.unusable(opened.database.name, error) from None
    finally:
        opened.database.close()


def _write(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in files.items():
            private.replace(folder / name, content)
    except OSError as error:
        raise HostError(f"{folder} cannot be written ({error.strerror}): choose another --out.") from None


def acl() -> str:
    """A kiosk is known by the name in its certificate, %u."""
    ways = (("write", "up"), ("write", "relay"), ("write", "status"), ("read", "down"))
    patterns = "".join(f"pattern {way} {_TOPICS}/%u/{topic}\n" for way, topic in ways)
    names = [authority.host_name(worker) for worker in range(WORKERS_MAX)]
    ours = "".join(f"user {name}\ntopic readwrite {_TOPICS}/#\n\n" for name in names)
    return ours + patterns


def conf(folder: Path, port: int) -> str:
    return f"""# Written by `tapledger broker setup`.
listener {port}
cafile {folder / CA}
certfile {folder / CERTIFICATE}
keyfile {folder / KEY}
crlfile {folder / REVOKED}
require_certificate true
use_identity_as_username true
# Or one kiosk could take another's connection and session by its client id.
use_username_as_clientid true
tls_version tlsv1.2
allow_anonymous false
acl_file {folder / ACL}
set_tcp_nodelay true
# The host acknowledges after its commit, thousands at a time.
max_inflight_messages 0
# What is kept for one who is away. Kiosk and host say again what was not answered in their own words.
max_queued_messages {QUEUED_MAX}
persistent_client_expiration 1d
max_packet_size 16384
"""
