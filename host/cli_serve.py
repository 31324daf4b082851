"""`tapledger serve`."""

from pathlib import Path

import click

from host import installation, log
from host.cli_options import data_option, demo_option, parse_address, passphrase_option
from host.processes import serve as server
from host.terminals.line import WORKERS_MAX


@click.command()
@data_option
@passphrase_option
@demo_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8320,
    show_default=True,
    help="HTTP port on 127.0.0.1, 0 for any.",
)
@click.option("--mqtt", default="127.0.0.1:1883", show_default=True, metavar="HOST:PORT", help="The broker.")
@click.option("--mqtt-tls", is_flag=True, help="By TLS, with certificates: see `tapledger broker setup`.")
@click.option(
    "--ready-file", type=click.Path(path_type=Path), help="Written once HTTP answers: port and pid."
)
@click.option(
    "--workers",
    type=click.IntRange(1, WORKERS_MAX),
    default=1,
    show_default=True,
    help="Processes that take what kiosks report; more than one needs PostgreSQL and a broker with MQTT 5.",
)
@click.option("--log-format", type=click.Choice(["console", "json"]), default="console", show_default=True)
@click.option(
    "--reader", "readers", multiple=True, help="A reader that the clerk's page offers; may be given again."
)
def serve(
    data: Path,
    passphrase_file: Path | None,
    demo: bool,
    port: int,
    mqtt: str,
    mqtt_tls: bool,
    ready_file: Path | None,
    workers: int,
    log_format: str,
    readers: tuple[str, ...],
) -> None:
    """Serve kiosks over MQTT, the API and the clerk's page over HTTP, until SIGTERM or Ctrl-C."""
    log.configure(log_format)
    broker = parse_address(mqtt)
    if demo:
        installation.init(data, passphrase_file, demo)
    server.serve(data, passphrase_file, port, broker, ready_file, log_format, workers, readers, mqtt_tls)
