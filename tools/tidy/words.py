"""Words that have no place: print in the host, to-dos without an issue, the simulator in firmware."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tools.tidy.source import Fault, Source

TODO = re.compile(r"\b(?:TODO|FIXME)\b(?!\s*\(?#\d+)")
SIMULATOR = re.compile(r"simulat", re.IGNORECASE)


def no_print(source: Source) -> Iterator[Fault]:
    if source.area != "host":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield Fault("no-print", source.path, node.lineno, "print in host/: use structlog, or click.echo")


def comments(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of comments and of the lines of triple-quoted strings; other strings are data."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT or token.string.startswith('"""'):
            yield from enumerate(token.string.splitlines(), token.start[0])


def todo_names_issue(source: Source) -> Iterator[Fault]:
    for number, line in comments(source.text):
        if TODO.search(line):
            message = "a to-do without an issue number: write it as TODO #12, or do it"
            yield Fault("todo-names-issue", source.path, number, message)


def firmware_knows_no_simulator(source: Source) -> Iterator[Fault]:
    if source.area != "firmware":
        return
    for number, line in enumerate(source.lines, 1):
        if SIMULATOR.search(line):
            message = "firmware must not know of the simulator, not even in words"
            yield Fault("firmware-knows-no-simulator", source.path, number, message)
