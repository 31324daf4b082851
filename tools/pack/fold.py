"""Constants that stand where their names stood."""

import ast
import operator
from collections.abc import Callable
from typing import Any

from tools.pack.program import Program, Symbol
from tools.pack.scopes import Function

Value = int | str | bytes | bool | None
MISSING: Any = object()
MADE_BYTES_MAX = 64  # what is computed and longer takes less room as what computes it
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.Pow: operator.pow,
}


class Constants:
    """`value(symbol)`: the number, text or bytes that a name stands for, MISSING where it stays a name."""

    def __init__(self, program: Program, given: dict[Symbol, Any] | None = None) -> None:
        """`given`: values that take the place of what the sources say."""
        self._program = program
        self._values: dict[Symbol, Any] = dict(given or {})

    def give(self, values: dict[Symbol, Any]) -> None:
        """As given on construction, of what was not known then."""
        self._values.update(values)

    def value(self, symbol: Symbol) -> Any:
        if symbol not in self._values:
            self._values[symbol] = MISSING  # while it is looked at: a name in terms of itself is none
            self._values[symbol] = self._find(symbol)
        return self._values[symbol]

    def _find(self, symbol: Symbol) -> Any:
        module, name = symbol
        nodes = self._program.nodes(symbol)
        if len(nodes) != 1 or isinstance(nodes[0], Function | ast.ClassDef):
            return MISSING
        if name in self._program.globals[module]:
            return MISSING
        node = nodes[0]
        assert isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and target.id == name:
                return self.evaluate(module, node.value)
            if isinstance(target, ast.Tuple):
                return self._element(module, target, name, node.value)
        return MISSING

    def _element(self, module: str, target: ast.Tuple, name: str, value: ast.expr) -> Any:
        """NAME, OTHER = 1, 2"""
        if not isinstance(value, ast.Tuple) or len(value.elts) != len(target.elts):
            return MISSING
        for part, expression in zip(target.elts, value.elts, strict=True):
            if isinstance(part, ast.Name) and part.id == name:
                return self.evaluate(module, expression)
        return MISSING

    def evaluate(self, module: str, node: ast.expr) -> Any:
        """The value of an expression of constants, MISSING when it is more than that."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, int | str | bytes | None) else MISSING
        if isinstance(node, ast.Name | ast.Attribute):
            program = self._program
            is_name = isinstance(node, ast.Name)
            target = program.name(module, node) if is_name else program.attribute(module, node)  # type: ignore[arg-type]
            return self.value(target) if isinstance(target, tuple) else MISSING
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            left, right = self.evaluate(module, node.left), self.evaluate(module, node.right)
            if MISSING in (left, right):
                return MISSING
            return _short(_BINARY[type(node.op)](left, right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert):
            value = self.evaluate(module, node.operand)
            return MISSING if value is MISSING else -value if isinstance(node.op, ast.USub) else ~value
        if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.func, ast.Name):
            value = self.evaluate(module, node.args[0])
            if node.func.id == "const":
                return value
            if node.func.id == "bytes" and isinstance(value, int):
                return _short(bytes(value))
        return MISSING


def _short(value: Any) -> Any:
    return MISSING if isinstance(value, str | bytes) and len(value) > MADE_BYTES_MAX else value


def literal(value: Value) -> str:
    """As it stands in a source; a negative number in brackets, for a power or an attribute may follow."""
    return f"({value})" if isinstance(value, int) and value < 0 else repr(value)
