"""Two operators at one terminal, for what takes two persons. Neither name nor password is an argument."""

from collections.abc import Callable
from pathlib import Path

import click

from host.cli_proof import asked, secret
from host.errors import HostError
from host.key_acts import Login

_file = click.Path(path_type=Path)


def two_persons(command: Callable[..., None]) -> Callable[..., None]:
    """--first-file and --second-file, for scripts."""
    for name in ("second", "first"):
        command = click.option(
            f"--{name}-file", type=_file, help=f"Name and password of the {name} operator, a line each."
        )(command)
    return command


def login(which: str, file: Path | None) -> Login:
    """A person's name and password: two lines of a file, or asked for at the terminal."""
    if file is None:
        name = asked(f"Name of the {which} operator")
        return name, secret(f"Password of {name}", None, new=False)
    lines = secret("", file, new=False).splitlines()
    if len(lines) != 2:
        raise HostError(f"{file} holds {len(lines)} lines: it takes a name, and its password in the next.")
    return lines[0].strip(), lines[1]
