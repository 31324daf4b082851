"""Who asks at the command line: a password, the proof that one may, and the file of a new token.

A password is never an argument: every user of the machine could read it there.
"""

import functools
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from host import installation, operators, private
from host.db.engine import Database
from host.errors import HostError, Refused

BY_PASSPHRASE = "passphrase"  # who, in the history, when nobody logged in
_file = click.Path(path_type=Path)


@dataclass(frozen=True)
class Proof:
    """By what whoever asks shows that he may."""

    name: str | None
    password_file: Path | None
    passphrase_file: Path | None

    def who(self, data: Path, database: Database, right: str) -> str:
        """Who asks, as the history names him; HostError when that is nobody who may."""
        if self.name is None:
            installation.open_(data, self.passphrase_file).database.close()
            return BY_PASSPHRASE
        password = secret(f"Your password, {self.name}", self.password_file, new=False)
        try:
            operator = operators.authenticate(database, self.name, password)
            operators.must(operator, right)
        except Refused as refused:
            raise HostError(str(refused)) from None
        return operator.owner


def proof(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a Proof, which the command gets as its argument `by`."""

    @functools.wraps(command)
    def packed(
        *given: Any,
        as_name: str | None,
        as_password_file: Path | None,
        passphrase_file: Path | None,
        **more: Any,
    ) -> None:
        command(*given, by=Proof(as_name, as_password_file, passphrase_file), **more)

    for option in (
        click.option("--passphrase-file", type=_file, help="Instead of --as: the passphrase of the keys."),
        click.option("--as-password-file", type=_file, help="His password, instead of being asked for it."),
        click.option("--as", "as_name", metavar="NAME", help="An operator who may do this."),
    ):
        packed = option(packed)
    return packed


def secret(prompt: str, file: Path | None, new: bool) -> str:
    """What is asked for at the terminal, or a file's text; new: asked twice. HostError."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeError) as error:
            raise HostError(f"The password in {file} cannot be read: {error}.") from None
    return asked(prompt, hide_input=True, confirmation_prompt=new)


def asked(prompt: str, **how: Any) -> str:
    """What somebody types at the terminal; HostError where there is none."""
    if not sys.stdin.isatty():
        raise HostError(f"{prompt}: there is no terminal to ask at, name a file with it.")
    return str(click.prompt(prompt, err=True, **how))


@contextmanager
def new_token(place: Path | None) -> Iterator[str | None]:
    """A token that is in this file once the block has ended without an error; None without a file."""
    if place is None:
        yield None
        return
    token = secrets.token_urlsafe(32)
    partial = place.with_name(f"{place.name}.{secrets.token_hex(4)}{private.PARTIAL}")
    try:
        private.write_new(partial, token.encode() + b"\n")
        yield token
        partial.replace(place)
    except OSError as error:
        raise HostError(f"{place} cannot be written: {error.strerror}.") from None
    finally:
        partial.unlink(missing_ok=True)
