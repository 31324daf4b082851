"""The commands about cards that need no reader: lists of old cards, stock."""

import click

from host import cli_stock


@click.group()
def cards() -> None:
    """Cards: take a list of old ones over, stock."""


for command in (cli_stock.group, cli_stock.numbers_, cli_stock.cards_list, cli_stock.cards_show):
    cards.add_command(command)
