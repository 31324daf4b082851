"""How one module's chunk says what it refers to: in itself, in other chunks, on objects."""

import ast
from dataclasses import dataclass

from tools.pack.fold import MISSING, Constants, literal
from tools.pack.names import PARAMETERS, Names
from tools.pack.program import Program, Symbol, Target
from tools.pack.reach import Reach
from tools.pack.said import SAID, Said, long_texts
from tools.pack.source import Unit


@dataclass
class Plan:
    """Where everything goes. `chunks`: module -> chunk; `symbols`: symbol -> its name there; `apart`: modules
    that are imported inside functions only, chunks of their own."""

    program: Program
    constants: Constants
    reach: Reach
    names: Names
    chunks: dict[str, str]
    symbols: dict[Symbol, str]
    apart: set[str]
    said: Said | None


class References:
    """Edits the names of one unit; `uses`: chunks and modules of the chip that must be imported before it."""

    def __init__(self, plan: Plan, unit: Unit) -> None:
        self._plan, self._unit, self._edits = plan, unit, unit.edits
        self._module = unit.name
        self._meanings = plan.program.meanings[unit.name]
        self.uses: set[str] = set()
        self._holders: set[ast.expr] = set()  # 5 in `(5).to_bytes`
        self._parameters = self._rename_parameters()
        self._long = long_texts(unit.body) if plan.said is not None else set()

    def _visit(self, node: ast.AST) -> None:
        raise NotImplementedError

    def _put_name(self, node: ast.expr, target: Target) -> None:
        """What a name or an attribute refers to in the program, said from this module's chunk."""
        here = self._plan.chunks[self._module]
        if isinstance(target, str):
            self._edits.put(node, self._chunk(target))
        elif target in self._plan.symbols:
            name = self._plan.symbols[target]
            if self._plan.chunks[target[0]] != here:
                name = f"{self._chunk(target[0])}.{name}"
            self._edits.put(node, name)

    def _chunk(self, module: str) -> str:
        """How this chunk says the name of another; one that is loaded later is looked up when needed."""
        here, chunk = self._plan.chunks[self._module], self._plan.chunks[module]
        order = list(self._plan.chunks.values())
        if self._module not in self._plan.apart and order.index(chunk) > order.index(here):
            return f'__import__("{chunk}")'
        self.uses.add(chunk)
        return chunk

    def _text(self, node: ast.Constant) -> None:
        """A long text becomes the call that makes it."""
        if node not in self._long or self._plan.said is None:
            return
        name = self._plan.symbols[SAID]
        if self._plan.chunks[SAID[0]] != self._plan.chunks[self._module]:
            name = f"{self._chunk(SAID[0])}.{name}"
        self._edits.put(node, f"{name}({self._plan.said.number(str(node.value))})")

    def _name(self, node: ast.Name) -> None:
        if node in self._meanings.in_class:
            self._edits.put(node, self._plan.names.attributes.get(node.id, node.id))
            return
        scope = self._meanings.local.get(node)
        target = self._plan.program.name(self._module, node)
        if scope is not None and (target is None or self._is_apart(target)):
            for parameter in scope.parameters:
                if parameter.arg == node.id and parameter in self._parameters:
                    self._edits.put(node, self._parameters[parameter])
        elif target is not None and isinstance(node.ctx, ast.Del):
            where = f"{self._unit.path}:{node.lineno}"
            raise ValueError(f"{where}: {node.id} is nothing of its own in the image: del frees nothing")
        elif target is not None and not self._folded(node, target):
            self._put_name(node, target)

    def _attribute(self, node: ast.Attribute) -> None:
        target = self._plan.program.attribute(self._module, node)
        if target is not None and self._folded(node, target):
            return
        assert isinstance(node.value, ast.Name) or target is None
        if target is None or (isinstance(node.value, ast.Name) and self._is_apart(target, node.value)):
            new = self._plan.symbols[target] if isinstance(target, tuple) else self._attribute_name(node.attr)
            end = self._edits.span(node)[1]
            self._edits.replace(end - len(node.attr.encode()), end, new)
            if target is None:
                self._holders.add(node.value)
                self._visit(node.value)
        else:
            self._put_name(node, target)

    def _attribute_name(self, name: str) -> str:
        return self._plan.names.attributes.get(name, name)

    def _folded(self, node: ast.Name | ast.Attribute, target: Target) -> bool:
        """Put a constant in its place; not where its name is made."""
        if isinstance(target, str) or isinstance(node.ctx, ast.Store):
            return False
        value = self._plan.constants.value(target)
        if value is MISSING:
            return False
        text = literal(value)
        self._edits.put(node, f"({text})" if node in self._holders else text)
        return True

    def _is_apart(self, target: Target, name: ast.Name | None = None) -> bool:
        """Is it in a module of its own, that an import inside a function loads and binds to a local name?"""
        if name is not None and name not in self._meanings.local:
            return False
        module = target if isinstance(target, str) else target[0]
        return module in self._plan.apart

    def _rename_parameters(self) -> dict[ast.arg, str]:
        """Those that no call names get the same few words everywhere; they are local, so only here."""
        names, named = self._plan.names, self._plan.reach.keywords | self._plan.reach.words
        new: dict[ast.arg, str] = {}
        for scope in self._meanings.scopes:
            for place, parameter in enumerate(scope.parameters, scope.depth):
                name = parameter.arg
                if name in ("self", "cls") or name in scope.rebound:
                    continue
                if name not in named and place < PARAMETERS:
                    new[parameter] = names.parameters[place]
        return new
