"""From sources to chunks ready for the compiler, and the key to read a traceback by."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from tools.pack import chunks, said
from tools.pack.fold import MISSING, Constants
from tools.pack.names import Names
from tools.pack.program import Program, Symbol
from tools.pack.reach import ROOT, WORD, Reach
from tools.pack.refer import Plan
from tools.pack.rewrite import Rewriter
from tools.pack.source import Unit

CHUNK_BYTES = 8000  # of byte code; the budget of a module is 8 KiB


@dataclass
class Packed:
    """`texts`: chunk -> source. `places`: chunk -> [first line, path] of each source in it. `names`: chunk ->
    {name there: name in the sources}, "" for attributes."""

    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, chunk: str, parts: list[tuple[str, str, set[str]]]) -> None:
        """A chunk of (path, text, chunks it uses)."""
        uses = sorted(set().union(*(used for _, _, used in parts)))
        self.texts[chunk] = f"import {', '.join(uses)}\n" if uses else "\n"
        self.places[chunk] = []
        line = 2
        for path, text, _ in parts:
            self.places[chunk].append((line, path))
            self.texts[chunk] += text
            line += text.count("\n")


def dotted(path: str) -> str:
    """kiosk/record.py -> kiosk.record"""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True)
class Given:
    """What the sources do not say. `frozen`: texts of what is below the image and is called by its names.
    `instead`: names that stand for others; `values`: what constants are in the image."""

    frozen: tuple[str, ...] = ()
    instead: dict[Symbol, Symbol] = field(default_factory=dict)
    values: dict[Symbol, Any] = field(default_factory=dict)


def pack(
    sources: dict[str, str], given: Given, size_of: Callable[[dict[str, str]], dict[str, int]]
) -> Packed:
    """Path in the image -> text. `size_of` compiles chunk -> text and says how large each comes out.

    ValueError and SyntaxError name the file and what is wrong with it.
    """
    alone = _pack(sources, given, None)
    return _pack(sources, given, size_of(alone.texts))


def _pack(sources: dict[str, str], given: Given, sizes: dict[str, int] | None) -> Packed:
    """Without sizes each module is a chunk of its own, called as it is."""
    units = {dotted(path): Unit.read(dotted(path), path, text) for path, text in sources.items()}
    program = Program(units, given.instead)
    constants = Constants(program, given.values)
    reach = Reach(program, constants, [word for text in given.frozen for word in WORD.findall(text)])
    names = Names(program, reach)
    has_said = said.MODULE in units
    seen: set[str] = set()
    stay = [m for root in [said.MODULE] * has_said + [ROOT] for m in chunks.order(reach, root, seen)]
    apart = chunks.apart(reach, set(stay))
    some = reach.leaves_something
    groups = [[m for m in group if some(m)] for group in chunks.together(reach, apart)]
    members = _members([m for m in stay if some(m)], [group for group in groups if group], sizes)
    packed, symbols = Packed(), {}
    for chunk, modules in members.items():
        mine = [s for module in modules for s in sorted(reach.symbols) if s[0] == module]
        named = names.of_chunk(s for s in mine if s[0] in reach.values or constants.value(s) is MISSING)
        symbols.update(named)
        packed.names[chunk] = {new: name for (_, name), new in named.items() if new != name}
    packed.names[""] = {new: old for old, new in names.attributes.items()}
    of_module = {module: chunk for chunk, modules in members.items() for module in modules}
    texts = said.Said() if has_said else None
    plan = Plan(program, constants, reach, names, of_module, symbols, set(apart), texts)
    rewritten = {}
    for module in sorted(of_module, key=said.MODULE.__eq__):  # the module that holds the texts comes last
        if texts is not None and module == said.MODULE:
            constants.give(texts.values())
        rewriter = Rewriter(plan, units[module])
        rewritten[module] = rewriter.run(), rewriter.uses
    for chunk, modules in members.items():
        packed.add(chunk, [(units[m].path, *rewritten[m]) for m in modules])
    return packed


def _members(stay: list[str], apart: list[list[str]], sizes: dict[str, int] | None) -> dict[str, list[str]]:
    """Chunk -> its modules. The last one is called main, for the chip loads it by that name."""
    if sizes is None:
        return {module.replace(".", "_"): [module] for module in [*stay, *chain(*apart)]}
    by_module = {module: sizes[module.replace(".", "_")] for module in stay}
    members = {
        ROOT if modules[-1] == ROOT else f"k{number}": modules
        for number, modules in enumerate(chunks.fill(stay, by_module, CHUNK_BYTES), 1)
    }
    for modules in apart:
        module = modules[-1]
        leaf = module.rsplit(".", 1)[-1]
        members[module.replace(".", "_") if leaf in members else leaf] = modules
    return members
