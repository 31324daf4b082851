"""No float near money: none at all in host/ledger/, none in a function that handles a *_fen.

A float that is plainly a time stays: 0.5 given to a name that ends in _s, or to a timeout.

And only host/ledger/ writes money: SQL elsewhere may read the ledger's tables, not change them.
"""

import ast
import re
from collections.abc import Iterator

from tools.tidy.source import Fault, Function, Source

LEDGER = "host/ledger/"
PATHS = ("folder", "dir", "path", "root", "parent", "home")
RULE = "no-float-near-money"
WRITERS = (LEDGER, "host/db/migrations/", "tests/")  # tests tamper with books to see it found
TABLES = (
    "accounts",
    "transactions",
    "transfers",
    "plans",
    "chains",
    "purses",
    "purse_gaps",
    "card_loads",
    "inferences",
    "lots",
    "lot_uses",
)
CALLS = ("insert", "insert_flat", "update_flat")  # of host.db.connection
VERBS = (
    r"INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM|TRUNCATE|COPY|(?:DROP|ALTER)\s+TABLE"
)
WRITES = re.compile(rf"\b(?:{VERBS})\s+[\"'\[]?({'|'.join(TABLES)})\b", re.IGNORECASE)


def is_fen(name: str) -> bool:
    return name == "fen" or name.endswith("_fen") or name.startswith("fen_") or "_fen_" in name


def is_time(name: str) -> bool:
    return name.endswith("_s") or "timeout" in name


def names_in(function: Function) -> Iterator[str]:
    yield function.name
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def times(tree: ast.AST) -> set[int]:
    """The ids of the float constants that are plainly times."""
    found: list[ast.AST | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg and is_time(node.arg):
            found.append(node.value)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if all(isinstance(target, ast.Name) and is_time(target.id) for target in targets):
                found.append(node.value)
        elif isinstance(node, ast.arguments):
            plain = [*node.posonlyargs, *node.args]
            pairs = [*zip(reversed(plain), reversed(node.defaults), strict=False)]
            pairs += [
                (arg, value) for arg, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value
            ]
            found += [value for arg, value in pairs if is_time(arg.arg)]
    return {id(node) for node in found}


def joins_paths(node: ast.BinOp) -> bool:
    """folder / "name", self.data_dir / name, ROOT / a / b: a Path, not a division."""

    def is_path(side: ast.expr) -> bool:
        if isinstance(side, ast.BinOp):
            return isinstance(side.op, ast.Div) and joins_paths(side)
        if isinstance(side, ast.Name | ast.Attribute):
            name = side.id if isinstance(side, ast.Name) else side.attr
            return name.lower().split("_")[-1] in PATHS
        return isinstance(side, ast.JoinedStr) or (
            isinstance(side, ast.Constant) and isinstance(side.value, str)
        )

    return is_path(node.left) or is_path(node.right)


def floats(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, what it is) of every float literal, float() and true division."""
    allowed = times(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and id(node) not in allowed:
            yield node.lineno, f"the float {node.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield node.lineno, "float()"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not joins_paths(node):
            yield node.lineno, "a true division (/)"
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno, "a true division (/=)"


def no_float_near_money(source: Source) -> Iterator[Fault]:
    advice = "near money: count integer fen, divide with // and say where the rest goes"
    if source.path.startswith(LEDGER):
        for line, what in floats(source.tree):
            yield Fault(RULE, source.path, line, f"{what} {advice}")
        return
    for name, function in source.functions():
        if any(is_fen(used) for used in names_in(function)):
            for line, what in floats(function):
                yield Fault(RULE, source.path, line, f"{what} {advice}", name)


def written(node: ast.expr) -> str | None:
    """Which table of the ledger a text's SQL writes, or a call of a connection's that does."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        found = WRITES.search(node.value)
        return found[1] if found else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        table = node.args[0]
        if node.func.attr in CALLS and isinstance(table, ast.Constant):
            return table.value if table.value in TABLES else None
    return None


def only_the_ledger_writes_money(source: Source) -> Iterator[Fault]:
    if source.path.startswith(WRITERS):
        return
    for node in (node for node in ast.walk(source.tree) if isinstance(node, ast.expr)):
        table = written(node)
        if table is not None:
            message = f"writes {table}: only host/ledger/ does, ask host.ledger.books"
            yield Fault("only-the-ledger-writes-money", source.path, node.lineno, message)
