"""A bar for whoever waits at a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def bar() -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on stderr; nothing when nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="verify", file=sys.stderr) as drawn:

        def show(done: int, rows: int) -> None:
            drawn.length = max(rows, 1)
            drawn.update((done if rows else 1) - drawn.pos)

        yield show
