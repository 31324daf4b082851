"""All modules of an image and what refers to what between them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.pack.scopes import Function, Meanings
from tools.pack.source import Unit

Symbol = tuple[str, str]  # module, name
Target = str | Symbol  # a whole module, or something in it


@dataclass
class Top:
    """What a module's own names are: `symbols` by the statements that bind them, `imports` of the program's
    own modules, `foreign` ones; and statements that do something by themselves."""

    symbols: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, Target] = field(default_factory=dict)
    foreign: dict[str, ast.stmt] = field(default_factory=dict)
    effects: list[ast.stmt] = field(default_factory=list)


class Program:
    """Modules by dotted name. ValueError names what this can't follow."""

    def __init__(self, units: dict[str, Unit], instead: dict[Symbol, Symbol] | None = None) -> None:
        """`instead`: names that stand for others, in this program."""
        self.units, self._instead = units, instead or {}
        self.meanings = {name: Meanings(unit.body) for name, unit in units.items()}
        self.tops = {name: self._top(unit) for name, unit in units.items()}
        self.globals = {name: _globals(unit) for name, unit in units.items()}
        self._locals: dict[ast.Name, Target | None] = {}

    def targets(self, node: ast.stmt) -> list[tuple[str, Target | None]]:
        """What an import statement binds: (local name, target), None for what is not ours."""
        found: list[tuple[str, Target | None]] = []
        if isinstance(node, ast.Import):
            for alias in node.names:
                ours = alias.name if alias.name in self.units else None
                if ours and "." in ours and not alias.asname:
                    raise ValueError(f"line {node.lineno}: import {ours} without `as`")
                found.append((alias.asname or alias.name.split(".")[0], ours))
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                target: Target | None = whole if whole in self.units else None
                if target is None and node.module in self.units:
                    target = (node.module, alias.name)
                found.append((alias.asname or alias.name, target))
        return found

    def _top(self, unit: Unit) -> Top:
        top = Top()
        for node in unit.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for name, target in self.targets(node):
                    if target is None:
                        top.foreign[name] = node
                    else:
                        top.imports[name] = target
            elif isinstance(node, Function | ast.ClassDef):
                top.symbols.setdefault(node.name, []).append(node)
            elif names := assigned(node):
                for name in names:
                    top.symbols.setdefault(name, []).append(node)
            else:
                top.effects.append(node)
        return top

    def follow(self, target: Target) -> Target | None:
        """Through what modules import from each other to where it is made; None for what is not ours."""
        while not isinstance(target, str):
            if target in self._instead:
                target = self._instead[target]
            module, name = target
            top = self.tops[module]
            if name in top.symbols:
                return target
            if f"{module}.{name}" in self.units:
                return f"{module}.{name}"
            if name not in top.imports:
                if name in top.foreign:
                    return None
                raise ValueError(f"{self.units[module].path} has no {name}")
            target = top.imports[name]
        return target

    def name(self, module: str, node: ast.Name) -> Target | None:
        """What a name stands for; None when it is local, a builtin or not ours."""
        meanings, top = self.meanings[module], self.tops[module]
        if node in meanings.in_class:
            return None
        scope = meanings.local.get(node)
        if scope is not None:
            return self.local_import(module, scope.imports.get(node.id, []), node.id)
        if node.id in top.symbols:
            return module, node.id
        return self.follow(top.imports[node.id]) if node.id in top.imports else None

    def local_import(self, module: str, statements: list[ast.stmt], name: str) -> Target | None:
        """What imports inside a function bind to a name."""
        found = {dict(self.targets(statement))[name] for statement in statements}
        if len(found) > 1:
            raise ValueError(f"{self.units[module].path}: {name} is imported from two places")
        target = found.pop() if found else None
        return None if target is None else self.follow(target)

    def attribute(self, module: str, node: ast.Attribute) -> Target | None:
        """module.name -> what it is; None when the value is no module of ours."""
        if not isinstance(node.value, ast.Name):
            return None
        holder = self.name(module, node.value)
        return self.follow((holder, node.attr)) if isinstance(holder, str) else None

    def nodes(self, symbol: Symbol) -> list[ast.stmt]:
        """The statements that make a symbol."""
        return self.tops[symbol[0]].symbols[symbol[1]]


def assigned(node: ast.stmt) -> list[str]:
    """Names that an assignment at the top of a module binds; [] when it does something else as well."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    names = []
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple) else [target]:
            if not isinstance(part, ast.Name):
                return []
            names.append(part.id)
    return names


def _globals(unit: Unit) -> set[str]:
    """Names that functions assign by `global`."""
    return {name for node in ast.walk(unit.tree) if isinstance(node, ast.Global) for name in node.names}


def code(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all within it that is code: no annotations, no docstrings."""
    waiting = [node]  # and no recursion: all modules are gone through many times
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        yield node
        parts: list[ast.AST] = []
        for name in node._fields:
            if name not in ("annotation", "returns"):
                value = getattr(node, name, None)
                if isinstance(value, list):
                    parts += [child for child in value if isinstance(child, ast.AST)]
                elif isinstance(value, ast.AST):
                    parts.append(value)
        parts.reverse()
        waiting += parts


def identifiers(tree: ast.AST) -> set[str]:
    """Every name that stands anywhere in a source, and its texts."""
    found = set()
    for node in ast.walk(tree):
        for _, value in ast.iter_fields(node):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str | bytes):
                    found.add(one if isinstance(one, str) else one.decode("latin-1"))
    return found
