"""The command line. Errors: a sentence on stderr, a code (host.errors)."""

import sys
from importlib import import_module
from typing import NoReturn

import click

from host import VERSION, log
from host.errors import EXIT_USAGE, HostError

COMMANDS = {
    "broker": "cli_broker:broker",
    "cards": "cli_cards:cards",
    "desk": "cli_desk:desk",
    "export": "cli_export:export",
    "init": "cli_init:init",
    "keys": "cli_keys:group",
    "kiosk": "cli_kiosks:group",
    "login": "cli_desk:login",
    "logout": "cli_desk:logout",
    "operators": "cli_operators:group",
    "reader": "cli_reader:reader",
    "readers": "cli_reader:readers",
    "serve": "cli_serve:serve",
    "update": "cli_updates:group",
    "verify": "cli_verify:verify",
    "zone": "cli_zone:command",
}


class Commands(click.Group):
    """Loads a command when it is asked for: no other has to wait for what it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Called by click."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Called by click."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"host.{module}"), name)
        return command


@click.group(cls=Commands)
@click.version_option(VERSION, prog_name="tapledger")
def cli() -> None:
    """Tapledger: VIP cards, their kiosks, and the books behind them."""
    log.configure()  # in every command: structlog's own default would print local variables, and so keys


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
