"""The edits that turn one module into its part of a chunk."""

import ast

from tools.pack.program import assigned, code
from tools.pack.refer import Plan, References
from tools.pack.scopes import Function
from tools.pack.source import ON_CHIP, Unit


class Rewriter(References):
    """Edits one unit."""

    def __init__(self, plan: Plan, unit: Unit) -> None:
        super().__init__(plan, unit)
        self._dropped: set[ast.AST] = set()

    def run(self) -> str:
        """The text, of as many lines as it had."""
        top = self._plan.program.tops[self._module]
        for node in self._unit.body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._import_at_top(node)
            elif isinstance(node, Function | ast.ClassDef):
                if self._kept(node.name):
                    self._definition(node)
                else:
                    self._drop(node)
            elif (names := assigned(node)) and node not in top.effects:
                if any(self._kept(name) for name in names):
                    self._visit(node)
                else:
                    self._drop(node)
            else:
                self._visit(node)
        return self._edits.result()

    def _kept(self, name: str) -> bool:
        return self._plan.reach.kept(self._module, name)

    def _drop(self, node: ast.stmt) -> None:
        self._edits.put(node, "pass" if node in self._unit.chosen else "")

    def _import_at_top(self, node: ast.Import | ast.ImportFrom) -> None:
        """Of the program's own there is no import: chunks import each other. Of others only what is used;
        whole modules of the chip once in a chunk, at its head: they are there, and do nothing else."""
        targets = self._plan.program.targets(node)
        foreign = [name for name, target in targets if target is None]
        used = [name for name in foreign if self._is_used(name)]
        if not used:
            self._drop(node)
        elif len(foreign) < len(targets):
            raise ValueError(f"{self._unit.path}:{node.lineno}: imports of both kinds in one line")
        elif isinstance(node, ast.Import) and all(
            alias.name in ON_CHIP and not alias.asname for alias in node.names
        ):
            self.uses.update(used)
            self._drop(node)

    def _is_used(self, name: str) -> bool:
        if name == "const":
            return False
        return any(
            isinstance(part, ast.Name) and part.id == name and part not in self._meanings.local
            for node in self._unit.body
            if not isinstance(node, Function | ast.ClassDef) or self._kept(node.name)
            for part in code(node)
        )

    def _definition(self, node: ast.stmt) -> None:
        assert isinstance(node, Function | ast.ClassDef)
        new = self._plan.symbols[self._module, node.name]
        self._name_of(node, new)
        self._visit(node)

    def _name_of(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, new: str) -> None:
        keyword = "class " if isinstance(node, ast.ClassDef) else "def "
        at = self._edits.find(keyword, self._edits.at(node.lineno, node.col_offset)) + len(keyword)
        self._edits.replace(at, at + len(node.name.encode()), new)

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            self._name(node)
        elif isinstance(node, ast.Attribute):
            self._attribute(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import_inside(node)
        elif isinstance(node, ast.Constant):
            self._text(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        else:
            if isinstance(node, ast.ClassDef):
                self._methods(node)
            elif isinstance(node, ast.arg) and node in self._parameters:
                at = self._edits.at(node.lineno, node.col_offset)
                self._edits.replace(at, at + len(node.arg.encode()), self._parameters[node])
            elif isinstance(node, ast.Global):
                self._global(node)
            for name, value in ast.iter_fields(node):
                if name not in ("annotation", "returns"):
                    for child in value if isinstance(value, list) else [value]:
                        if isinstance(child, ast.AST) and child not in self._dropped:
                            self._visit(child)

    def _methods(self, node: ast.ClassDef) -> None:
        for part in node.body:
            if isinstance(part, Function):
                if self._plan.reach.method_is_used(part.name):
                    self._name_of(part, self._plan.names.attributes.get(part.name, part.name))
                else:
                    self._edits.put(part, "pass")
                    self._dropped.add(part)

    def _import_inside(self, node: ast.Import | ast.ImportFrom) -> None:
        parts = []
        for name, target in self._plan.program.targets(node):
            if target is None:
                return  # a foreign module: as it stands
            found = self._plan.program.follow(target)
            if found is None or not self._is_apart(found):
                continue  # it is loaded anyway, and named where it is used
            if isinstance(found, str):
                parts.append(f"import {self._plan.chunks[found]} as {name}")
            elif found in self._plan.symbols:
                chunk, new = self._plan.chunks[found[0]], self._plan.symbols[found]
                parts.append(f"from {chunk} import {new} as {name}")
        self._edits.put(node, "; ".join(parts) or "pass")

    def _global(self, node: ast.Global) -> None:
        names = [self._plan.symbols.get((self._module, name), name) for name in node.names]
        self._edits.put(node, "global " + ", ".join(names))
