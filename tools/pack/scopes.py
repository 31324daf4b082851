"""What each name in a module means: something of the module, local, or imported locally."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(eq=False)
class Scope:
    """A function, a lambda or a comprehension; its `names` are local."""

    node: ast.AST
    outer: "Scope | None"
    depth: int  # parameters of the functions around it
    names: set[str] = field(default_factory=set)
    parameters: list[ast.arg] = field(default_factory=list)
    imports: dict[str, list[ast.stmt]] = field(default_factory=dict)  # name -> the statements that bind it
    rebound: set[str] = field(default_factory=set)  # bound otherwise than by `name = ...` or `for name`


def positional(arguments: ast.arguments) -> list[ast.arg]:
    """Parameters that can be given by place."""
    return [*arguments.posonlyargs, *arguments.args]


def inside(node: ast.AST) -> Iterator[ast.AST]:
    """What belongs to a node's own scope; of scopes within it the node only. Annotations are not code."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") and not isinstance(node, ast.ClassDef):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                if not isinstance(child, Function | ast.Lambda | ast.ClassDef | Comprehension):
                    yield from inside(child)


class Meanings:
    """Filled on construction: `local[Name node]` is the scope that binds it; a Name in neither `local`
    nor `in_class` is the module's or a builtin."""

    def __init__(self, body: list[ast.stmt]) -> None:
        self.local: dict[ast.Name, Scope] = {}
        self.in_class: set[ast.Name] = set()
        self.scopes: list[Scope] = []
        for node in body:
            self._visit(node, None, frozenset())

    def _visit(self, node: ast.AST, scope: Scope | None, of_class: frozenset[str]) -> None:
        if isinstance(node, Function | ast.Lambda):
            self._function(node, scope, of_class)
        elif isinstance(node, Comprehension):
            self._enter(Scope(node, scope, scope.depth if scope else 0), node, of_class)
        elif isinstance(node, ast.ClassDef):
            for part in [*node.bases, *node.keywords, *node.decorator_list]:
                self._visit(part, scope, of_class)
            names = frozenset(bound(node.body))
            for statement in node.body:
                self._visit(statement, scope, names)
        elif isinstance(node, ast.Name):
            self._name(node, scope, of_class)
        else:
            for name, value in ast.iter_fields(node):
                if name not in ("annotation", "returns"):
                    for child in value if isinstance(value, list) else [value]:
                        if isinstance(child, ast.AST):
                            self._visit(child, scope, of_class)

    def _function(self, node: Function | ast.Lambda, outer: Scope | None, of_class: frozenset[str]) -> None:
        arguments = node.args
        for default in [*arguments.defaults, *arguments.kw_defaults, *getattr(node, "decorator_list", [])]:
            if default is not None:
                self._visit(default, outer, of_class)
        inner = Scope(node, outer, outer.depth + len(outer.parameters) if outer else 0)
        inner.parameters = positional(arguments)
        others = [*arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        inner.names = {arg.arg for arg in [*inner.parameters, *others] if arg is not None}
        self._enter(inner, node, frozenset())

    def _enter(self, scope: Scope, node: ast.AST, of_class: frozenset[str]) -> None:
        self.scopes.append(scope)
        _bind(scope, node)
        for name, value in ast.iter_fields(node):
            if name in ("args", "returns", "decorator_list", "name"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self._visit(child, scope, frozenset())

    def _name(self, node: ast.Name, scope: Scope | None, of_class: frozenset[str]) -> None:
        if node.id in of_class:
            self.in_class.add(node)
            return
        while scope is not None:
            if node.id in scope.names:
                self.local[node] = scope
                return
            scope = scope.outer


def bound(body: list[ast.stmt]) -> Iterator[str]:
    """Names that statements of a class or a module bind."""
    for statement in body:
        if isinstance(statement, Function | ast.ClassDef):
            yield statement.name
        else:
            for node in [statement, *inside(statement)]:
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


def _bind(scope: Scope, node: ast.AST) -> None:
    """Find what a scope binds beside its parameters."""
    elsewhere: set[str] = set()
    for part in inside(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            scope.names.add(part.id)
        elif isinstance(part, Function | ast.ClassDef | ast.ExceptHandler):
            names = {part.name} if part.name else set()
            scope.names |= names
            scope.rebound |= names
        elif isinstance(part, ast.Import | ast.ImportFrom):
            for alias in part.names:
                name = alias.asname or alias.name.split(".")[0]
                scope.names.add(name)
                scope.rebound.add(name)
                scope.imports.setdefault(name, []).append(part)
        elif isinstance(part, ast.Global | ast.Nonlocal):
            elsewhere.update(part.names)
            scope.rebound.update(part.names)
    scope.names -= elsewhere
