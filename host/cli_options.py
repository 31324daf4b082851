"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path

import click

from host.errors import HostError

LINE_MAX = 200

data_option = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=True), required=True, help="Folder of books and keys."
)
passphrase_option = click.option(
    "--passphrase-file", type=click.Path(path_type=Path), help="File with the passphrase of the keys."
)
demo_option = click.option("--demo", is_flag=True, help="Make up a passphrase and keep it in the folder.")
_module = click.option("--pkcs11-module", type=str, help="Keys in a PKCS#11 token: its shared library.")
_label = click.option("--token", "label", help="The token's label.")


def token_options(command: Callable[..., None]) -> Callable[..., None]:
    """--pkcs11-module and --token."""
    return _module(_label(command))


def token_of(module: str | None, label: str | None) -> tuple[str, str] | None:
    """What these options say; HostError for one without the other."""
    if (module is None) != (label is None):
        raise HostError("A token takes both: --pkcs11-module PATH and --token LABEL.")
    return None if module is None or label is None else (module, label)


class Line(click.ParamType[str]):
    """Words for the books: one line of what can be shown, 1 to 200 characters."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Called by click."""
        if value.strip() and value.isprintable() and len(value) <= LINE_MAX:
            return value
        self.fail(f"write one line of 1 to {LINE_MAX} characters.", param, ctx)


def parse_address(text: str) -> tuple[str, int]:
    """HOST:PORT -> (host, port); UsageError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.UsageError(f"“{text}” is no HOST:PORT, for example 127.0.0.1:1883.")
    return host.strip("[]"), int(port)
