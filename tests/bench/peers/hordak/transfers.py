"""Transfers of django-hordak, timed, in the environment of requirements.txt; peers/peer.py drives it.

The first line of standard input is the database's URL; then each line is `WAY COUNT`, and the answer to it
is one line of JSON: {"seconds": time for COUNT transfers}. The ways are those that ways() gives.
"""

import json
import random
import sys
import time
from collections.abc import Callable

import dj_database_url
import django
from django.conf import settings

CARDS = 1000
KIOSKS = 20
SEED = 1


def set_up(url: str) -> None:
    """Django on this database, with the tables of hordak and nothing that it does not need."""
    settings.configure(
        DATABASES={"default": dj_database_url.parse(url)},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        CURRENCIES=["CNY"],
        DEFAULT_CURRENCY="CNY",
        HORDAK_INTERNAL_CURRENCY="CNY",
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def ways() -> dict[str, Callable[[], None]]:
    """One transfer each: a random card pays one yuan at a random kiosk, in a transaction of its own."""
    from django.db import transaction
    from hordak.models import Account, AccountType
    from hordak.utilities.currency import Balance
    from moneyed import Money

    def account(name: str, kind: str) -> Account:
        return Account.objects.create(name=name, type=kind, currencies=["CNY"])

    with transaction.atomic():
        bank = account("bank", AccountType.asset)
        cards = [account(f"card {number}", AccountType.liability) for number in range(CARDS)]
        kiosks = [account(f"kiosk {number}", AccountType.income) for number in range(KIOSKS)]
        for card in cards:
            card.transfer_to(bank, Money(10_000, "CNY"))
    price = Money(1, "CNY")
    draw = random.Random(SEED)

    def plain() -> None:
        draw.choice(kiosks).transfer_to(draw.choice(cards), price)  # credits the kiosk, debits the card

    def locked() -> None:
        with transaction.atomic():
            card = Account.objects.select_for_update().get(pk=draw.choice(cards).pk)
            pay_from(card, card.get_balance())

    def locked_in_one_query() -> None:
        with transaction.atomic():
            card = Account.objects.select_for_update().with_balances().get(pk=draw.choice(cards).pk)
            pay_from(card, card.balance)

    def pay_from(card: Account, balance: Balance) -> None:
        if balance < Balance([price]):
            raise ValueError("a card of the benchmark is empty")
        draw.choice(kiosks).transfer_to(card, price)

    return {"plain": plain, "locked": locked, "locked-in-one-query": locked_in_one_query}


def main() -> None:
    set_up(sys.stdin.readline().strip())
    from hordak.models import Transaction

    by_name = ways()
    for line in sys.stdin:
        way, count = line.split()
        before = Transaction.objects.count()
        began = time.perf_counter()
        for _ in range(int(count)):
            by_name[way]()
        seconds = time.perf_counter() - began
        if Transaction.objects.count() != before + int(count):
            raise SystemExit("hordak did not book what was asked of it")
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
