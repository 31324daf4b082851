"""The commands about cards that need no reader: lists of old cards, stock."""

import json
import sys
from pathlib import Path

import click

from host import cli_recover, cli_stock, operators
from host.cards import account, imports
from host.cards.imports import FileError, Report, Sheet
from host.cards.imports.take_over import check, take_over
from host.cli_books import books
from host.cli_options import data_option
from host.cli_proof import Proof, proof
from host.db.engine import Database
from host.errors import EXIT_FAILED, HostError

_file = click.Path(path_type=Path)


@click.group()
def cards() -> None:
    """Cards: take a list of old ones over, stock."""


for command in (
    *(cli_stock.group, cli_stock.numbers_, cli_stock.cards_list, cli_stock.cards_show),
    cli_recover.recover,
):
    cards.add_command(command)


@cards.command("url")
@data_option
@proof
@click.argument("base", required=False)
def url(data: Path, by: Proof, base: str | None) -> None:
    """How the addresses begin that new account cards show to a phone. Without BASE: what holds."""
    with books(data, read_only=base is None) as database:
        if base is not None:
            by.who(data, database, "stock")
            try:
                with database.write() as connection:
                    account.set_url_base(connection, base)
            except ValueError as error:
                raise HostError(f"{base[:80]} can't be taken: {error}.") from None
        with database.read() as connection:
            click.echo(account.url_base(connection))


@cards.command("import")
@data_option
@proof
@click.argument("file", type=_file)
@click.option("--dry-run", is_flag=True, help="Say what would come of it; asks for no operator.")
@click.option("--second", metavar="NAME", help="Who says yes too, where the operator may not alone.")
@click.option("--second-password-file", type=_file, help="His password, instead of being asked for it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def import_(
    data: Path,
    by: Proof,
    file: Path,
    dry_run: bool,
    second: str | None,
    second_password_file: Path | None,
    as_json: bool,
) -> None:
    """Take a list of old cards over, CSV or XLSX: number, uid, balance (yuan), points. All or nothing."""
    try:
        sheet = imports.read(file)
        with books(data, read_only=dry_run) as database:
            if dry_run:
                report = _checked(database, sheet)
            else:
                approver = Proof(second, second_password_file, None)
                report = _taken_over(data, database, sheet, file.name, by, approver)
    except FileError as error:
        raise HostError(str(error)) from None
    click.echo(json.dumps(report.to_json(), ensure_ascii=False) if as_json else "\n".join(report.lines()))
    if report.faulty:
        click.echo("tapledger: nothing was imported: put these rows right first.", err=True)
        sys.exit(EXIT_FAILED)
    if report.earlier_s is not None:
        click.echo("tapledger: this file was imported before: nothing was done.", err=True)
    elif not report.imported:
        click.echo("tapledger: nothing was imported: that was a trial.", err=True)


def _checked(database: Database, sheet: Sheet) -> Report:
    with database.read() as connection:
        return check(connection, sheet)


def _taken_over(
    data: Path, database: Database, sheet: Sheet, name: str, by: Proof, approver: Proof
) -> Report:
    """With an operator who may, and above his limit a second one."""
    if by.name is None:
        raise HostError("Balances appear by an operator's act alone: say who you are with --as NAME.")
    who = by.who(data, database, "import")
    report = _checked(database, sheet)
    if report.faulty or report.earlier_s is not None:
        return report
    with database.read() as connection:
        operator = operators.find(connection, by.name)
    assert operator is not None
    second = None
    if approver.name is not None:
        if approver.name == by.name:
            raise HostError("The second person is another one.")
        second = approver.who(data, database, "approve")
    elif report.points or report.balance_fen > operator.load_limit_fen:
        raise HostError(
            f"{report.balance_fen} fen and {report.points} points are more than {by.name} may take over "
            f"alone ({operator.load_limit_fen} fen, no points): name who approves it with --second NAME."
        )
    return take_over(database, sheet, name, who, second)
