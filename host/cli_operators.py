"""The commands that make, change and disable operators, on the machine where the books are.

Whoever asks proves that he may: as an operator with that right (--as), or by the passphrase of the keys,
which is also the way in when everybody's password, or the machine's token, is lost.
"""

import dataclasses
from pathlib import Path
from typing import Any

import click

from host import installation, operators
from host.cli_books import books
from host.cli_options import data_option
from host.cli_proof import Proof, new_token, proof, secret
from host.db.engine import Database
from host.errors import HostError
from host.operators import Operator, password
from host.operators.people import ACTIVE, DISABLED, history
from host.operators.roles import ROLES

_file = click.Path(path_type=Path)
_roles = click.option("--role", "roles", multiple=True, type=click.Choice(list(ROLES)))
_load = click.option(
    "--load-limit-fen", type=click.IntRange(0), help="Top-ups above it need a second person."
)
_refund = click.option("--refund-limit-fen", type=click.IntRange(0), help="The same for refunds.")
_password_file = click.option("--password-file", type=_file, help="Instead of being asked for it.")


def terms(command: Any) -> Any:
    """The options of what somebody may do: roles, load_limit_fen, refund_limit_fen."""
    return _roles(_load(_refund(command)))


@click.group("operators")
def group() -> None:
    """Operators: add, reset, change, disable, list."""


@group.command()
@data_option
@proof
@click.argument("name")
@terms
@_password_file
@click.option("--token-file", type=_file, help="Where a new machine's token is put.")
def add(
    data: Path,
    by: Proof,
    name: str,
    roles: tuple[str, ...],
    load_limit_fen: int | None,
    refund_limit_fen: int | None,
    password_file: Path | None,
    token_file: Path | None,
) -> None:
    """A new operator; without limits he may do alone what moves no money."""
    new = Operator(name, roles, load_limit_fen or 0, refund_limit_fen or 0)
    with books(data) as database:
        who = by.who(data, database, "operators")
        if new.is_machine and token_file is None:
            raise HostError("Say where to put the new machine's token: --token-file FILE.")
        phc = None if new.is_machine else password.make(secret(f"Password of {name}", password_file, True))
        with new_token(token_file if new.is_machine else None) as token, database.write() as connection:
            operators.add(connection, new, phc, who)
            if token is not None:
                operators.give_token(connection, name, token, who)
    click.echo(f"{name} is {', '.join(roles)}.")


@group.command()
@data_option
@proof
@click.argument("name")
@_password_file
@click.option(
    "--token-file", type=_file, help="Of a machine; the first one's is operator-token in the folder."
)
def reset(
    data: Path,
    by: Proof,
    name: str,
    password_file: Path | None,
    token_file: Path | None,
) -> None:
    """A new password for a person, a new token for a machine; what was before is of no use any more."""
    with books(data) as database:
        who = by.who(data, database, "operators")
        found = _known(database, name)
        if found.is_machine:
            place = token_file or (data / installation.TOKEN if name == installation.FIRST_OPERATOR else None)
            if place is None:
                raise HostError("Say where to put the machine's token: --token-file FILE.")
            with new_token(place) as token, database.write() as connection:
                assert token is not None
                operators.give_token(connection, name, token, who)
            click.echo(f"{name} has a new token: {place}.")
            return
        phc = password.make(secret(f"New password of {name}", password_file, True))
        with database.write() as connection:
            operators.change(connection, found, who, phc)
    click.echo(f"{name} has a new password.")


@group.command()
@data_option
@proof
@click.argument("name")
@terms
@click.option("--enable", is_flag=True, help="Let a disabled operator act again.")
def change(
    data: Path,
    by: Proof,
    name: str,
    roles: tuple[str, ...],
    load_limit_fen: int | None,
    refund_limit_fen: int | None,
    enable: bool,
) -> None:
    """Other roles or limits; what is not said stays."""
    with books(data) as database:
        who = by.who(data, database, "operators")
        found = _known(database, name)
        new = dataclasses.replace(
            found,
            roles=roles or found.roles,
            load_limit_fen=found.load_limit_fen if load_limit_fen is None else load_limit_fen,
            refund_limit_fen=found.refund_limit_fen if refund_limit_fen is None else refund_limit_fen,
            state=ACTIVE if enable else found.state,
        )
        with database.write() as connection:
            operators.change(connection, new, who)
    click.echo(f"{name} is {new.state}: {', '.join(new.roles)}.")


@group.command()
@data_option
@proof
@click.argument("name")
def disable(data: Path, by: Proof, name: str) -> None:
    """He may do nothing any more, at once; what he did stays his."""
    with books(data) as database:
        who = by.who(data, database, "operators")
        with database.write() as connection:
            found = operators.find(connection, name)
            if found is not None:
                operators.change(connection, dataclasses.replace(found, state=DISABLED), who)
        _known(database, name)
    click.echo(f"{name} is disabled.")


@group.command("list")
@data_option
@click.option("--history", "with_history", is_flag=True, help="Every change, with who and when.")
def list_(data: Path, with_history: bool) -> None:
    """All operators, one a line."""
    with books(data, read_only=True) as database, database.read() as connection:
        for operator in operators.everybody(connection):
            limits = f"load {operator.load_limit_fen} refund {operator.refund_limit_fen} fen"
            click.echo(f"{operator.name}  {operator.state}  {','.join(operator.roles)}  {limits}")
        for line in history(connection) if with_history else ():
            click.echo(line)


def _known(database: Database, name: str) -> Operator:
    with database.read() as connection:
        found = operators.find(connection, name)
    if found is None:
        raise HostError(f"There is no operator {name}: see `tapledger operators list`.")
    return found
