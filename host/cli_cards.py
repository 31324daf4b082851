"""The commands about cards that need no reader: lists of old cards, stock."""

import click


@click.group()
def cards() -> None:
    """Cards: take a list of old ones over, stock."""
