"""Which attributes our own objects have, and which of them one object may have both."""

import ast
from collections.abc import Iterator

from tools.pack.program import Program, Symbol, code
from tools.pack.scopes import Function

Holder = Symbol | str  # a class, with all that inherit from each other; "": modules that are handed around


class Attributes:
    """Filled on construction; ValueError for what is stored on an object whose class does not name it.

    methods  names of functions in classes
    holders  attribute -> who has it; an object has what its class or a method of it names as `self.name`,
             and None stands for what is put on an object from outside alone, so on any
    """

    def __init__(self, program: Program, modules: set[str], everywhere: set[Symbol]) -> None:
        """`modules`: handed around; `everywhere`: their names that no attribute may have."""
        self._program = program
        self.methods: set[str] = set()
        self.holders: dict[str, set[Holder | None]] = {}
        self._family: dict[Symbol, Symbol] = {}  # class -> the one it stands for
        outside: set[str] = set()
        for module, unit in program.units.items():
            for statement in unit.body:
                for node in code(statement):
                    if isinstance(node, ast.ClassDef):
                        self._class(module, node)
                    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                        outside.add(node.attr)
        for name in outside - self.holders.keys():
            self.holders[name] = {None}
        for module in modules:
            for name in program.tops[module].symbols:
                self._has(name, None if (module, name) in everywhere else "")
        for module in program.units:
            self._refuse_unnamed(module)

    def meet(self, one: str, other: str) -> bool:
        """May an object have both?"""
        both = self._of(one), self._of(other)
        return None in both[0] | both[1] or not both[0].isdisjoint(both[1])

    def _of(self, name: str) -> set[Holder | None]:
        return {self._head(h) if isinstance(h, tuple) else h for h in self.holders.get(name, {None})}

    def _has(self, name: str, holder: Holder | None) -> None:
        self.holders.setdefault(name, set()).add(holder)

    def _head(self, symbol: Symbol) -> Symbol:
        while symbol in self._family:
            symbol = self._family[symbol]
        return symbol

    def _class(self, module: str, node: ast.ClassDef) -> None:
        """A class inside something is told apart by its name alone."""
        symbol = module, node.name
        for base in node.bases:
            target = None
            if isinstance(base, ast.Name):
                target = self._program.name(module, base) or (module, base.id)
            elif isinstance(base, ast.Attribute):
                target = self._program.attribute(module, base)
            if isinstance(target, tuple) and self._head(target) != self._head(symbol):
                self._family[self._head(target)] = self._head(symbol)
        for statement in node.body:
            if isinstance(statement, Function):
                self.methods.add(statement.name)
                self._has(statement.name, symbol)
                self._stored(statement, symbol)
            else:
                for part in code(statement):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        self._has(part.id, symbol)

    def _stored(self, method: ast.FunctionDef | ast.AsyncFunctionDef, symbol: Symbol) -> None:
        first = method.args.args[0].arg if method.args.args else None
        for part in code(method):
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                holder = part.value
                if isinstance(holder, ast.Name) and holder.id == first:
                    self._has(part.attr, symbol)

    def _refuse_unnamed(self, module: str) -> None:
        """What is stored as `holder.name` has a class that names all that this module uses of this holder:
        else an object may have it beside something of its own that is the same word in the image."""
        unit = self._program.units[module]
        used: dict[str, list[ast.Attribute]] = {}
        for node in [node for statement in unit.body for node in code(statement)]:
            if isinstance(node, ast.Attribute):
                value = node.value
                holder = value.id if isinstance(value, ast.Name) else getattr(value, "attr", "")
                is_object = holder != "self" and self._program.attribute(module, node) is None
                if is_object and None not in self._of(node.attr):
                    used.setdefault(holder, []).append(node)
        for holder, nodes in used.items():
            stored = [node for node in nodes if isinstance(node.ctx, ast.Store)]
            if stored and not (holder and set.intersection(*(self._of(node.attr) for node in nodes))):
                where, name = f"{unit.path}:{stored[0].lineno}", stored[0].attr
                raise ValueError(
                    f"{where}: {ast.unparse(stored[0])} is stored, and no class names all that this module "
                    f"uses of {holder or 'that'}: name it in its class, as self.{name}"
                )


def beside_methods(program: Program) -> Iterator[Symbol]:
    """What is named in the body of a class itself, where methods hide what is outside."""
    for module, unit in program.units.items():
        for node in unit.body:
            for statement in node.body if isinstance(node, ast.ClassDef) else []:
                parts: list[ast.AST] = [statement]
                if isinstance(statement, Function):
                    given = [*statement.args.defaults, *statement.args.kw_defaults]
                    parts = [part for part in [*given, *statement.decorator_list] if part is not None]
                for part in [part for top in parts for part in code(top)]:
                    target = program.name(module, part) if isinstance(part, ast.Name) else None
                    if isinstance(part, ast.Attribute):
                        target = program.attribute(module, part)
                    if isinstance(target, tuple):
                        yield target
