"""Short names that cost no heap: words that the interpreter has in ROM.

A name in byte code is a number in the interpreter's table of names. What is not in that table is added to it
at run time, for ever: some 12 to 22 bytes a name, and it stands in the .mpy with all its letters.
"""

import ast
from collections.abc import Iterable

from tools.pack.program import Program, Symbol, code
from tools.pack.reach import ENTRY, Reach
from tools.pack.rom_words import OTHER_WORDS, ROM_WORDS, SPARE_WORDS

PARAMETERS = 16


class Names:
    """`attributes`: old -> new; `parameters`: by place, for those that no call names, for who knows whose
    `label=` it is. `of_chunk` gives the names in a chunk."""

    def __init__(self, program: Program, reach: Reach) -> None:
        self._program, self._reach = program, reach
        used = _identifiers(program) | reach.words
        spare = [word for word in SPARE_WORDS if word not in used]
        self.parameters, self._spare = spare[:PARAMETERS], spare[PARAMETERS:]
        stay = reach.words | ROM_WORDS | OTHER_WORDS
        count = reach.modules_with
        attributes = [name for name in sorted(_attributes(program, reach)) if name not in stay]
        attributes.sort(key=lambda name: -count[name])
        self.attributes = dict(zip(attributes, self._spare, strict=False))

    def of_chunk(self, symbols: Iterable[Symbol]) -> dict[Symbol, str]:
        """A name for each symbol of one chunk, no two the same."""
        wanted = list(symbols)
        names: dict[Symbol, str] = {}
        for symbol in wanted:
            module, name = symbol
            if module in self._reach.values:
                names[symbol] = self.attributes.get(name, name)  # others look it up as an attribute
            elif symbol == ENTRY or self._is_exception(symbol):
                names[symbol] = name
        if len(set(names.values())) < len(names):
            raise ValueError(f"two of the same name in one chunk: {sorted(names.values())}")
        taken = set(names.values())
        spare = iter([word for word in self._spare if word not in taken])
        for symbol in sorted(wanted, key=lambda symbol: -self._reach.users_of[symbol]):
            if symbol not in names:
                names[symbol] = next(spare)
        return names

    def _is_exception(self, symbol: Symbol) -> bool:
        """A class that goes by its own name on the console."""
        node = self._program.nodes(symbol)[0]
        if not isinstance(node, ast.ClassDef):
            return False
        for base in node.bases:
            if isinstance(base, ast.Name):
                target = self._program.name(symbol[0], base)
                if target is None and (
                    base.id.endswith("Error") or base.id in ("Exception", "BaseException")
                ):
                    return True
            else:
                target = self._program.attribute(symbol[0], base) if isinstance(base, ast.Attribute) else None
            if isinstance(target, tuple) and self._is_exception(target):
                return True
        return False


def _identifiers(program: Program) -> set[str]:
    """Every name that stands anywhere in the sources."""
    found: set[str] = set(program.units)
    for unit in program.units.values():
        for node in ast.walk(unit.tree):
            for _, value in ast.iter_fields(node):
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, str):
                        found.add(one)
    return found


def _attributes(program: Program, reach: Reach) -> set[str]:
    """What our own classes and objects call their methods and values."""
    found: set[str] = set()
    for unit in program.units.values():
        for body in unit.body:
            for node in code(body):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    found.add(node.attr)
                elif isinstance(node, ast.ClassDef):
                    for part in ast.walk(ast.Module(node.body, [])):
                        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                            found.add(part.name)
                    for statement in node.body:
                        if isinstance(statement, ast.Assign):
                            found.update(t.id for t in statement.targets if isinstance(t, ast.Name))
    for module in reach.values:
        found.update(program.tops[module].symbols)
    return {name for name in found if not name.startswith("__")}
