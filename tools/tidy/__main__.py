"""`python -m tools.tidy`: check the tree by the house rules; exit 1 when a fault is left."""

import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.tidy.flash import flash_has_few_writers
from tools.tidy.imports import firmware_is_imported_by_nobody, micropython_imports, tools_hide_no_library
from tools.tidy.money import no_float_near_money, only_the_ledger_writes_money
from tools.tidy.size import function_length, module_length
from tools.tidy.source import Fault, Source, read_tree
from tools.tidy.words import firmware_knows_no_simulator, no_print, todo_names_issue

ROOT = Path(__file__).resolve().parents[2]
ALLOW = Path(__file__).with_name("allow.toml")
AREAS = ("firmware", "protocol", "host", "simulator", "tools", "tests")
RULES: dict[str, Callable[[Source], Iterator[Fault]]] = {
    "module-length": module_length,
    "function-length": function_length,
    "no-print": no_print,
    "todo-names-issue": todo_names_issue,
    "firmware-knows-no-simulator": firmware_knows_no_simulator,
    "flash-has-few-writers": flash_has_few_writers,
    "no-float-near-money": no_float_near_money,
    "only-the-ledger-writes-money": only_the_ledger_writes_money,
    "micropython-imports": micropython_imports,
    "firmware-is-imported-by-nobody": firmware_is_imported_by_nobody,
    "tools-hide-no-library": tools_hide_no_library,
}
Allowed = dict[str, dict[str, str]]


def faults_of(source: Source) -> list[Fault]:
    try:
        _ = source.tree
    except SyntaxError as error:
        return [Fault("syntax", source.path, error.lineno or 0, f"does not parse: {error.msg}")]
    return [fault for rule in RULES.values() for fault in rule(source)]


def check(root: Path, allowed: Allowed) -> list[Fault]:
    """All faults below `root`, exceptions taken out, and a fault for each exception that is of no use."""
    left, used = [], set()
    for source in read_tree(root, AREAS):
        for fault in faults_of(source):
            if fault.place in allowed.get(fault.rule, {}):
                used.add((fault.rule, fault.place))
            else:
                left.append(fault)
    for rule, places in allowed.items():
        for place, reason in places.items():
            if rule not in RULES or (rule, place) not in used:
                left.append(Fault("allow-list", place, 0, f"needs no exception from {rule} (any more)"))
            elif len(reason.split()) < 3:
                left.append(Fault("allow-list", place, 0, f"its exception from {rule} gives no reason"))
    return left


def main() -> int:
    faults = check(ROOT, tomllib.loads(ALLOW.read_text(encoding="utf-8")))
    for fault in faults:
        print(fault)
    print(f"tidy: {len(faults)} faults" if faults else "tidy: no faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
