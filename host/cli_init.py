"""`tapledger init`."""

from pathlib import Path

import click

from host import demo as demos
from host import installation
from host.cli_options import data_option, demo_option, passphrase_option, token_of, token_options


@click.command()
@data_option
@passphrase_option
@demo_option
@click.option("--people", is_flag=True, help="With --demo: two operators as well, named in demo-operators.")
@click.option("--database", metavar="ADDRESS", help="postgresql://USER@HOST/NAME instead of a SQLite file.")
@token_options
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
    token = token_of(pkcs11_module, label)
    if people and not demo:
        raise click.UsageError("--people is for a demo: say --demo too.")
    made = installation.init(data, passphrase_file, demo, database, token)
    if people:
        demos.people(data)
    click.echo(f"{data} is ready." if made else f"{data} was ready already; nothing changed.")
