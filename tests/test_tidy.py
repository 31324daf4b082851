"""The tree is tidy, and each rule catches a fault that is planted for it."""

import tomllib
from pathlib import Path

import pytest

from tools.tidy.__main__ import ALLOW, ROOT, RULES, check, faults_of
from tools.tidy.source import Source

LONG_FUNCTION = "def f():\n" + "    x = 1\n" * 70

# rule -> (path, text): each is one fault
PLANTED = {
    "module-length": [("host/a.py", "x = 1\n" * 201), ("tests/test_a.py", "x = 1\n" * 301)],
    "function-length": [
        ("firmware/kiosk/a.py", LONG_FUNCTION),
        ("host/a.py", "class A:\n    async def f(self):\n" + "        x = 1\n" * 70),
        ("host/a.py", "if True:\n    def f():\n" + "        x = 1\n" * 70),
    ],
    "no-print": [("host/web/a.py", "def f():\n    print('sold')\n")],
    "todo-names-issue": [
        ("host/a.py", "x = 1  # TODO later\n"),
        ("host/a.py", "# FIXME: by somebody\n"),
        ("host/a.py", '"""Sells.\n\nTODO: refunds.\n"""\n'),
    ],
    "firmware-knows-no-simulator": [
        ("firmware/hal/a.py", "# for the Simulator\n"),
        ("firmware/hal/a.py", "simulated = 1\n"),
    ],
    "flash-has-few-writers": [
        ("firmware/kiosk/a.py", "def f(flash):\n    flash.write_file('/a', b'')\n"),
        ("firmware/net/a.py", "def f(self):\n    self._flash.remove_file('/a')\n"),
        ("firmware/kiosk/a.py", "def f(device):\n    device.writeblocks(0, b'', 0)\n"),
    ],
    "no-float-near-money": [
        ("host/ledger/a.py", "RATE = 0.5\n"),
        ("host/ledger/a.py", "def f(x):\n    return float(x)\n"),
        ("host/ledger/a.py", "def f(x):\n    return x / 2\n"),
        ("host/ledger/a.py", "def f(x):\n    x /= 2\n"),
        ("host/web/a.py", "def show(amount_fen):\n    return amount_fen / 100\n"),
        ("host/web/a.py", "def show(row):\n    return float(row.amount_fen)\n"),
        ("firmware/kiosk/a.py", "def price_fen(x):\n    return x * 1.06\n"),
        ("simulator/a.py", "def tap(fen=0.5):\n    return fen\n"),
    ],
    "only-the-ledger-writes-money": [
        ("host/cards/a.py", "SQL = 'INSERT INTO transfers (id) VALUES (?)'\n"),
        ("host/api/a.py", "def f(c):\n    c.execute('update accounts SET balance = 1')\n"),
        ("host/db/a.py", "SQL = (\n    'DELETE'\n    ' FROM lots'\n)\n"),
        ("host/terminals/a.py", "def f(c, x):\n    c.execute(f'INSERT INTO purses ({x}) VALUES (1)')\n"),
        ("host/terminals/a.py", "def f(c):\n    c.insert('transactions', 'id', [(1,)])\n"),
        ("host/terminals/a.py", "def f(c):\n    c.insert_flat('transfers', 'id', [1])\n"),
        ("host/terminals/a.py", "def f(c):\n    c.update_flat('accounts', 'id', 'balance', [])\n"),
        ("simulator/a.py", "SQL = 'INSERT OR REPLACE INTO chains VALUES (1)'\n"),
        ("tools/a.py", "SQL = 'DROP TABLE plans'\n"),
    ],
    "firmware-is-imported-by-nobody": [
        ("host/a.py", "import firmware.kiosk.session\n"),
        ("simulator/a.py", "from kiosk import session\n"),
        ("tools/a.py", "def f():\n    import hal\n"),
    ],
    "tools-hide-no-library": [("tools/traceback.py", "X = 1\n")],
    "micropython-imports": [
        ("firmware/kiosk/a.py", "import typing\n"),
        ("firmware/kiosk/a.py", "from enum import Enum\n"),
        ("firmware/kiosk/a.py", "from dataclasses import dataclass\n"),
        ("firmware/kiosk/a.py", "import host.ledger\n"),
        ("firmware/kiosk/a.py", "from machine import Pin\n"),
        ("firmware/net/a.py", "def f():\n    import network\n"),
        ("firmware/main.py", "import esp32\n"),
        ("protocol/a.py", "from __future__ import annotations\n"),
        ("protocol/a.py", "import functools\n"),
        ("protocol/a.py", "from host import cli\n"),
        ("protocol/a.py", "import time\n"),
        ("protocol/a.py", "try:\n    import typing\nexcept ValueError:\n    pass\n"),
    ],
}

# What looks like a fault and is none.
INNOCENT = [
    ("host/a.py", "x = 1\n" * 200),
    ("tools/a.py", "print('for a person')\n"),
    ("host/a.py", "text = 'print(1)'  # TODO #12: shorter\n"),
    ("host/a.py", "x = 'TODO in data'\n"),
    ("protocol/a.py", "# runs under the simulator too\n"),
    ("host/ledger/a.py", "def f(folder):\n    return folder / 'books.db'\n"),
    ("host/web/a.py", "def f(self, name, amount_fen):\n    return self.data_dir / name / name\n"),
    ("host/ledger/a.py", "def f(x, timeout_s=0.5):\n    return wait(x // 2, timeout=1.5)\n"),
    ("host/ledger/a.py", "WAIT_s = 0.2\n"),
    ("host/web/a.py", "def wait():\n    return 0.5 / 2\n"),
    ("firmware/hal/a.py", "import machine\nimport network\nfrom esp32 import Partition\n"),
    (
        "firmware/kiosk/a.py",
        "import asyncio\nfrom kiosk import texts\nimport protocol.wire.cbor\nfrom . import x\n",
    ),
    ("protocol/a.py", "try:\n    from typing import Any\nexcept ImportError:\n    pass\n"),
    ("protocol/a.py", "try:\n    import cryptolib\nexcept ImportError:\n    import cryptography\n"),
    ("simulator/a.py", "import typing, enum\n"),
    ("host/ledger/a.py", "SQL = 'INSERT INTO transfers (id) VALUES (?)'\n"),
    ("host/cards/a.py", "SQL = 'SELECT balance FROM accounts FOR UPDATE'\n"),
    ("host/cards/a.py", "SQL = 'INSERT INTO cards SELECT 1 FROM accounts'\n"),
    ("host/cards/a.py", "def f(c, x):\n    c.insert('cards', 'uid', x)\n"),
    ("tests/a.py", "SQL = 'UPDATE accounts SET balance = 1'\n"),
]


def test_the_tree_is_tidy() -> None:
    faults = check(ROOT, tomllib.loads(ALLOW.read_text(encoding="utf-8")))
    assert not faults, "\n".join(map(str, faults))


def test_every_rule_has_planted_faults() -> None:
    assert set(PLANTED) == set(RULES)


@pytest.mark.parametrize(
    ("rule", "path", "text"), [(rule, *case) for rule, cases in PLANTED.items() for case in cases]
)
def test_planted_fault_is_caught(rule: str, path: str, text: str) -> None:
    assert [fault.rule for fault in faults_of(Source(path, text))] == [rule]


@pytest.mark.parametrize(("path", "text"), INNOCENT)
def test_innocent_text_passes(path: str, text: str) -> None:
    assert faults_of(Source(path, text)) == []


def test_a_file_that_does_not_parse_is_a_fault() -> None:
    assert [fault.rule for fault in faults_of(Source("host/a.py", "def f(:\n"))] == ["syntax"]


def plant(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True)
    (root / path).write_text(text)


def test_an_exception_covers_its_place_only(tmp_path: Path) -> None:
    plant(tmp_path, "host/a.py", "x = 1\n" * 201 + "print(x)\n")
    left = check(tmp_path, {"module-length": {"host/a.py": "a table that reads best whole"}})
    assert [fault.rule for fault in left] == ["no-print"]


@pytest.mark.parametrize(
    "allowed",
    [
        {"module-length": {"host/gone.py": "a file that is no longer here"}},
        {"no-such-rule": {"host/a.py": "a rule that is no longer here"}},
        {"no-print": {"host/a.py": "because"}},
    ],
)
def test_an_exception_without_use_or_reason_is_a_fault(
    tmp_path: Path, allowed: dict[str, dict[str, str]]
) -> None:
    plant(tmp_path, "host/a.py", "print(1)\n")
    assert "allow-list" in [fault.rule for fault in check(tmp_path, allowed)]
