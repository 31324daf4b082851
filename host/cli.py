"""The command line: init, serve, verify, export. Errors: a sentence on stderr, a code (host.errors)."""

import json
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from host import VERSION, cli_keys, installation, keys, log, progress
from host import demo as demos
from host.cli_broker import broker
from host.cli_cards import cards
from host.cli_desk import desk, login, logout
from host.cli_export import data_option, export
from host.cli_kiosks import group as kiosks
from host.cli_operators import group as operators
from host.cli_reader import reader, readers
from host.cli_updates import group as updates
from host.db import engine, schema
from host.db.connection import FAULTS
from host.errors import EXIT_FAILED, EXIT_USAGE, HostError
from host.ledger import verify as ledger_verify
from host.terminals.line.authority import WORKERS_MAX

_passphrase = click.option(
    "--passphrase-file", type=click.Path(path_type=Path), help="File with the passphrase of the keys."
)
_demo = click.option("--demo", is_flag=True, help="Make up a passphrase and keep it in the folder.")


@click.group()
@click.version_option(VERSION, prog_name="tapledger")
def cli() -> None:
    """Tapledger: VIP cards, their kiosks, and the books behind them."""
    log.configure()  # in every command: structlog's own default would print local variables, and so keys


@cli.command()
@data_option
@_passphrase
@_demo
@click.option("--people", is_flag=True, help="With --demo: two operators as well, named in demo-operators.")
@click.option("--database", metavar="ADDRESS", help="postgresql://USER@HOST/NAME instead of a SQLite file.")
@cli_keys.token_options
def init(
    data: Path,
    passphrase_file: Path | None,
    demo: bool,
    people: bool,
    database: str | None,
    pkcs11_module: str | None,
    label: str | None,
) -> None:
    """Make the books, the keys and the first operator's token; again changes nothing."""
    token = cli_keys.token_of(pkcs11_module, label)
    if people and not demo:
        raise click.UsageError("--people is for a demo: say --demo too.")
    made = installation.init(data, passphrase_file, demo, database, token)
    if people:
        demos.people(data)
    click.echo(f"{data} is ready." if made else f"{data} was ready already; nothing changed.")


@cli.command()
@data_option
@_passphrase
@_demo
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
    from host.processes import serve as server

    log.configure(log_format)
    broker = parse_address(mqtt)
    if demo:
        installation.init(data, passphrase_file, demo)
    server.serve(data, passphrase_file, port, broker, ready_file, log_format, workers, readers, mqtt_tls)


@cli.command()
@data_option
@_passphrase
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option(
    "--resume",
    is_flag=True,
    help=f"Go on where an earlier run found the books whole, as {ledger_verify.STATE} in the folder says: "
    "after a run that was stopped, or for what was booked since. Without it everything is checked.",
)
def verify(data: Path, passphrase_file: Path | None, as_json: bool, resume: bool) -> None:
    """Hold the promises against the books; also while they are being written."""
    database = engine.open_existing(engine.place(data), read_only=True)
    database.folder = data
    mac = None
    if passphrase_file or (data / keys.PASSPHRASE).exists():
        mac = keys.open_(data, passphrase_file).ledger_mac
    else:
        click.echo("tapledger: without --passphrase-file the MACs of checkpoints are not checked.", err=True)
    state = data / ledger_verify.STATE
    try:
        with progress.bar() as show:
            result = ledger_verify.verify(database, mac, min(2, os.cpu_count() or 1), state, resume, show)
    except FAULTS as error:
        raise schema.unusable(database.name, error) from None
    except OSError as error:
        raise HostError(f"{state} cannot be written: {error.strerror}.") from None
    if as_json:
        click.echo(json.dumps(result))
    else:
        for check in result["checks"]:
            click.echo(f"{'holds' if check['ok'] else 'FAILS'}  {check['name']}")
            for row in check["detail"].split("; ") if check["detail"] else []:
                click.echo(f"       {row}")
        click.echo(
            f"{len(result['cards'])} cards; {'all promises hold' if result['ok'] else 'a promise is broken'}"
        )
        for number in result["since"].values():
            click.echo(
                f"up to transaction {number} as an earlier run found it; without --resume all is checked"
            )
    if not result["ok"]:
        sys.exit(EXIT_FAILED)


cli.add_command(export)
cli.add_command(operators)
cli.add_command(cli_keys.group)
cli.add_command(kiosks)
cli.add_command(updates)
for _command in (login, logout, desk, reader, readers):
    cli.add_command(_command)
cli.add_command(cards)
cli.add_command(broker)


def parse_address(text: str) -> tuple[str, int]:
    """HOST:PORT -> (host, port); UsageError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.UsageError(f"“{text}” is no HOST:PORT, for example 127.0.0.1:1883.")
    return host.strip("[]"), int(port)


def main() -> NoReturn:
    """Entry point of the console script and of `python -m host`."""
    try:
        code = cli.main(prog_name="tapledger", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except HostError as error:
        click.echo(f"tapledger: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
