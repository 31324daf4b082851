"""Short names that cost no heap: words that the interpreter has in ROM.

A name in byte code is a number in the interpreter's table of names. What is not in that table is added to it
at run time, for ever: some 12 to 22 bytes a name, and it stands in the .mpy with all its letters.
"""

import ast
from collections.abc import Iterable

from tools.pack.attributes import Attributes, beside_methods
from tools.pack.program import Program, Symbol, code, identifiers
from tools.pack.reach import ENTRY, ROOT, Reach
from tools.pack.rom_words import CHUNK_WORDS, OTHER_WORDS, ROM_WORDS, SPARE_WORDS
from tools.pack.said import SAID
from tools.pack.source import ON_CHIP

PARAMETERS = 6
STAY = 6  # chunks that others name most: in the fewest bytes


class Names:
    """`attributes`: old -> new, two that no object has both may have the same; `parameters`: by place, for
    those that no call names, for who knows whose `label=` it is. `of_chunk` gives the names in a chunk."""

    def __init__(self, program: Program, reach: Reach) -> None:
        self._program, self._reach = program, reach
        used = reach.words.union(*(identifiers(unit.tree) for unit in program.units.values()), program.units)
        spare = [word for word in SPARE_WORDS if word not in used]
        self.parameters, self._spare = spare[:PARAMETERS], spare[PARAMETERS:]
        spare = self._spare
        self._for_chunks = [word for word in spare if word not in ON_CHIP][:STAY]
        self._spare = [word for word in spare if word not in self._for_chunks]
        self._beside_methods = set(beside_methods(program))
        self.attributes = self._attributes()

    def _attributes(self) -> dict[str, str]:
        reach = self._reach
        attributes = Attributes(self._program, reach.values, self._beside_methods)
        stay = reach.looked_up | (reach.words & attributes.methods) | ROM_WORDS | OTHER_WORDS
        ours = sorted(name for name in attributes.holders if name not in stay and not name.startswith("__"))
        new: dict[str, str] = {}
        for name in sorted(ours, key=lambda name: -reach.modules_with[name]):
            taken = {new[other] for other in new if attributes.meet(name, other)}
            word = next((word for word in self._spare if word not in taken), None)
            if word is not None:
                new[name] = word
        return new

    def for_chunks(self, count: int) -> list[str]:
        """So many names for chunks; nothing in one of them, and no attribute, will be called so."""
        taken = set(self.attributes.values())
        more = [word for word in self._spare if word in CHUNK_WORDS and word not in taken]
        words = [*self._for_chunks, *more][:count]
        self._spare = [word for word in self._spare if word not in words]
        return words

    def of_chunk(self, modules: list[str], symbols: Iterable[Symbol]) -> dict[Symbol, str]:
        """A name for each symbol of one chunk, no two the same; `modules`: all that share it. ValueError."""
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
        for module in modules:
            self._refuse_hidden(module, names)
        taken = set(names.values())
        spare = [word for word in self._spare if word not in taken]
        for symbol in sorted(wanted, key=lambda symbol: (symbol != SAID, -self._reach.users_of[symbol])):
            if symbol not in names:
                others = self.attributes.values() if symbol in self._beside_methods else ()
                names[symbol] = next(word for word in spare if word not in others)
                spare.remove(names[symbol])
        return names

    def _refuse_hidden(self, module: str, names: dict[Symbol, str]) -> None:
        """Names that stay mean the same in all of their chunk: this module may have no other such name."""
        unit, top = self._program.units[module], self._program.tops[module]
        meanings = self._program.meanings[module]
        own = top.symbols.keys() | top.imports.keys()
        used = {name for scope in meanings.scopes for name in scope.names - scope.imports.keys()}
        for node in [node for statement in unit.body for node in code(statement)]:
            if isinstance(node, ast.Name) and node.id not in own and node not in meanings.in_class:
                used.add(node.id)
        if ROOT in used:
            raise ValueError(f"{unit.path}: {ROOT} is what a chunk is called: call the variable otherwise")
        for (other, _), name in names.items():
            if other != module and name in used:
                there = self._program.units[other].path
                raise ValueError(
                    f"{unit.path}: {name} is also what {there} has, and they share a chunk in which "
                    "that keeps its name: call one of the two otherwise"
                )

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
