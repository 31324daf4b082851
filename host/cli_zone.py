"""`tapledger zone`: by which clock the shop's days begin."""

from pathlib import Path

import click

from host import zone
from host.cli_books import books
from host.cli_options import data_option
from host.cli_proof import Proof, proof


@click.command("zone")
@data_option
@proof
@click.argument("name", required=False)
@click.option("--machine", is_flag=True, help="Back to the time zone of the machine (TZ).")
def command(data: Path, by: Proof, name: str | None, machine: bool) -> None:
    """The shop's time zone, as Asia/Shanghai: of the last day of a pass, of daily limits, of the pages. It
    holds from the next start of the host on. Without NAME: what is kept."""
    if machine and name:
        raise click.UsageError("NAME and --machine exclude each other.")
    if name == "":  # of a variable that is not set, most likely
        raise click.UsageError("NAME is empty: write it as Asia/Shanghai, or --machine.")
    wanted = "" if machine else name
    with books(data, read_only=wanted is None) as database:
        if wanted is not None:
            by.who(data, database, "kiosks")
            with database.write() as connection:
                zone.keep(connection, wanted)
            click.echo("From the next start of the host on:", err=True)
        with database.read() as connection:
            click.echo(zone.kept(connection) or "the machine's")
