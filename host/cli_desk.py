"""A clerk's work from the command line: login, every act at the desk, and what there is to look at.

Speaks HTTP to a running host. The session's token is kept in a file that only the user may read.
"""

import http.client
import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import click

from host.cli_proof import secret
from host.desk import words
from host.errors import HostError

URL = "http://127.0.0.1:8320"
ANSWER_S = 60
session_option = click.option(
    "--session",
    type=click.Path(path_type=Path),
    envvar="TAPLEDGER_SESSION",
    default=Path.home() / ".tapledger-session",
    show_default="~/.tapledger-session",
    help="Where the login is kept.",
)


@click.command()
@click.argument("name")
@click.option("--host", "url", default=URL, show_default=True, help="Address of the host.")
@click.option("--password-file", type=click.Path(path_type=Path), help="Instead of being asked for it.")
@session_option
def login(name: str, url: str, password_file: Path | None, session: Path) -> None:
    """Begin a session as this operator, for 12 hours."""
    password = secret(f"Your password, {name}", password_file, new=False)
    made = call(url.rstrip("/"), None, "POST", "/login", {"name": name, "password": password})
    content = json.dumps({"host": url.rstrip("/"), "token": made["token"], "name": name})
    partial = session.with_name(f"{session.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
        partial.replace(session)
    except OSError as error:
        raise HostError(f"{session} cannot be written: {error.strerror}.") from None
    click.echo(f"{name} is logged in: {', '.join(made['roles'])}.")


@click.command()
@session_option
def logout(session: Path) -> None:
    """End the session."""
    url, token = kept(session)
    call(url, token, "POST", "/logout", None)
    session.unlink(missing_ok=True)
    click.echo("Logged out.")


@click.group()
def desk() -> None:
    """Acts at a desk, as the operator who is logged in. Sums are in fen, answers are JSON."""


def _act(name: str, act: words.Act) -> click.Command:
    params: list[click.Parameter] = []
    for field in (*act.needs, *act.may):
        option = "--" + field.replace("_", "-")
        needed, what = field in act.needs, words.FIELDS[field]
        if field in words.FLAGS and needed:
            params.append(click.Option([f"{option}/--no"], required=True, help=what, default=None))
        elif field in words.FLAGS:
            params.append(click.Option([option], is_flag=True, default=None, help=what))
        elif field in words.NUMBERS:
            low, high = words.NUMBERS[field]
            params.append(click.Option([option], type=click.IntRange(low, high), required=needed, help=what))
        elif field in words.CHOICES:
            choice = click.Choice(words.CHOICES[field])
            params.append(click.Option([option], type=choice, required=needed, help=what))
        else:
            params.append(click.Option([option], required=needed, help=what))
    params.append(
        click.Option(["--key"], help="To ask for the very same act again; made up when it is not given.")
    )

    @session_option
    def run(session: Path, key: str | None, **given: Any) -> None:
        url, token = kept(session)
        body = {field: value for field, value in given.items() if value is not None}
        key = key or secrets.token_hex(8)
        try:
            answer = call(url, token, "POST", f"/desk/{name}", body, key)
        except HostError as error:
            raise HostError(f"{error} (key {key})") from None
        if "waits" in answer:
            number = answer["waits"]["id"]
            click.echo(
                f"Approval {number} waits for a second person: then ask for the same with --key {key}",
                err=True,
            )
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))

    command = click.command(name, help=f"{act.what[0].upper()}{act.what[1:]}.")(run)
    command.params = [*params, *command.params]
    return command


for _name, _words in words.ACTS.items():
    desk.add_command(_act(_name, _words))


def _looking(name: str, path: str, what: str) -> click.Command:
    @click.command(name, help=what)
    @session_option
    def run(session: Path) -> None:
        url, token = kept(session)
        click.echo(json.dumps(call(url, token, "GET", path, None), ensure_ascii=False, indent=1))

    return run


for _name, _path, _what in (
    ("me", "/me", "Who is logged in, and what he may."),
    ("drawer", "/desk/drawer", "One's own open drawer."),
    ("drawers", "/desk/drawers", "All shifts, the newest first."),
    ("approvals", "/desk/approvals", "What waits for a second person, and what was said."),
    ("inside", "/desk/inside", "Who is inside by a pass of minutes, and since when."),
    ("waiting", "/waiting", "Top-ups that wait for their card, with their age."),
):
    desk.add_command(_looking(_name, _path, _what))


@desk.command("show")
@click.argument("card")
@session_option
def show(card: str, session: Path) -> None:
    """A card by its number or UID."""
    url, token = kept(session)
    path = f"/desk/cards/{urllib.parse.quote(card, safe='')}"
    click.echo(json.dumps(call(url, token, "GET", path, None), ensure_ascii=False, indent=1))


def kept(session: Path) -> tuple[str, str]:
    """(address, token) of the login; HostError."""
    try:
        kept = json.loads(session.read_text(encoding="utf-8"))
        return str(kept["host"]), str(kept["token"])
    except FileNotFoundError:
        raise HostError("You are not logged in: `tapledger login NAME` first.") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise HostError(f"{session} is no login: `tapledger login NAME` makes it anew.") from None


def call(
    url: str, token: str | None, method: str, path: str, body: dict[str, Any] | None, key: str | None = None
) -> dict[str, Any]:
    """The host's JSON object; HostError with its sentence when it says no, or is not there."""
    return dict(ask(url, token, method, path, body, key) or {})


def listed(url: str, token: str, path: str) -> list[dict[str, Any]]:
    """The host's JSON list; HostError as for call()."""
    return list(ask(url, token, "GET", path, None))


def ask(
    url: str, token: str | None, method: str, path: str, body: dict[str, Any] | None, key: str | None = None
) -> Any:
    """The host's JSON, None where it answers nothing; HostError as for call()."""
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if key is not None:
        headers["Idempotency-Key"] = key
    content = None if body is None else json.dumps(body).encode()
    try:
        asked = urllib.request.Request(f"{url}/api/v1{path}", content, headers, method=method)
        with urllib.request.urlopen(asked, timeout=ANSWER_S) as answer:
            raw = answer.read()
            return json.loads(raw) if raw else None
    except urllib.error.HTTPError as error:
        try:
            said = json.loads(error.read())
            raise HostError(f"{said['error']} [{said['code']}]") from None
        except (ValueError, KeyError, TypeError):
            raise HostError(f"{url} answers {error.code}: is it a Tapledger host?") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise HostError(f"No answer from {url} ({error}): is the host running?") from None
