"""`tapledger verify`."""

import json
import os
import sys
from pathlib import Path

import click

from host import keys, progress
from host.cli_options import data_option, passphrase_option
from host.db import engine, schema, whereabouts
from host.db.connection import faults
from host.errors import EXIT_FAILED, HostError
from host.ledger import verify as ledger_verify


@click.command()
@data_option
@passphrase_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option(
    "--resume",
    is_flag=True,
    help=f"Go on where an earlier run found the books whole, as {ledger_verify.STATE} in the folder says: "
    "after a run that was stopped, or for what was booked since. Without it everything is checked.",
)
def verify(data: Path, passphrase_file: Path | None, as_json: bool, resume: bool) -> None:
    """Hold the promises against the books; also while they are being written."""
    database = engine.open_existing(whereabouts.place(data), read_only=True)
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
    except faults() as error:
        raise schema.unusable(database.name, error) from None
    except OSError as error:
        raise HostError(f"{state} cannot be written: {error.strerror}.") from None
    if as_json:
        click.echo(json.dumps(result))
    else:
        for check in result["checks"]:
            click.echo(f"{'holds' if check['ok'] else 'FAILS'}  {check['name']}")
            for row in check["detail"].split("; ") if check["detail"] else []:
                click.echo(f"       {_shown(row)}")
        click.echo(
            f"{len(result['cards'])} cards; {'all promises hold' if result['ok'] else 'a promise is broken'}"
        )
        for number in result["since"].values():
            click.echo(
                f"up to transaction {number} as an earlier run found it; without --resume all is checked"
            )
    if not result["ok"]:
        sys.exit(EXIT_FAILED)


def _shown(row: str) -> str:
    """On one line, and no command to a terminal, whatever a tampered row holds."""
    return "".join([part if part.isprintable() else ascii(part)[1:-1] for part in row])
