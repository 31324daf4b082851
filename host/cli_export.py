"""The commands that give the books to other programs."""

import os
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from host.cli_books import books
from host.cli_options import data_option
from host.errors import HostError
from host.reports import export as ledger_export
from host.reports.books import Days


@click.group()
def export() -> None:
    """Give the books to other programs."""


_day = click.DateTime(formats=["%Y-%m-%d"])


@export.command("ledger")
@data_option
@click.option("--format", "name", type=click.Choice(list(ledger_export.FORMATS)), required=True)
@click.option("--output", type=click.Path(path_type=Path), help="A file instead of standard output.")
@click.option("--from", "first", type=_day, help="The first day, UTC; before it only balances.")
@click.option("--to", "last", type=_day, help="The last day, UTC.")
def export_ledger(
    data: Path, name: str, output: Path | None, first: datetime | None, last: datetime | None
) -> None:
    """Accounts, posted transactions and balances as plain text; also while the books are being written."""
    days = Days(first and first.date(), last and last.date())
    if days.start_s >= days.end_s:
        raise click.UsageError("--to is before --from.")
    with books(data, read_only=True) as database, database.read() as connection:
        write_lines(output, ledger_export.ledger(connection, ledger_export.FORMATS[name], days))


def write_lines(output: Path | None, lines: Iterable[str]) -> None:
    """To a file or standard output, in UTF-8; HostError when it can't be written."""
    try:
        if output is None:
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
            sys.stdout.writelines(lines)
            sys.stdout.flush()
        else:
            with output.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)
    except OSError as error:
        if output is None:  # what is left in its buffer has nowhere to go
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        place = output or "Standard output"
        raise HostError(f"{place} cannot be written ({error.strerror}): the export is not whole.") from None
