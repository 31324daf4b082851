"""From sources to chunks ready for the compiler, and the key to read a traceback by."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.pack import chunks, flat, said
from tools.pack.flat import Origins
from tools.pack.fold import MISSING, Constants
from tools.pack.lines import Place, close
from tools.pack.names import Names
from tools.pack.program import Program, Symbol, identifiers
from tools.pack.reach import ROOT, Reach
from tools.pack.refer import Plan
from tools.pack.rewrite import Rewriter
from tools.pack.source import Unit

CHUNK_BYTES, MODULE_BYTES = 8080, 8192  # to aim at, and the most that a module may have
ROUNDS = 9


@dataclass
class Packed:
    """`texts`: chunk -> source. `members`: chunk -> modules. `places`: chunk -> path and place in the sources
    of its lines from the second on. `names`: chunk -> {name there: name in the sources}. `attributes`: name
    in the image -> what the sources call so."""

    texts: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, list[tuple[str, Place]]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    attributes: dict[str, list[str]] = field(default_factory=dict)

    def add(self, chunk: str, parts: list[tuple[str, str, set[str]]], origins: Origins) -> None:
        """A chunk of (path, text, what it imports)."""
        uses = sorted(set().union(*(used for _, _, used in parts)))
        self.texts[chunk] = f"import {', '.join(uses)}\n" if uses else "\n"
        self.places[chunk] = []
        for path, text, _ in parts:
            for line, place in close(text, origins[path]):
                self.texts[chunk] += line
                self.places[chunk].append((path, place))


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
    sources, origins = _flat(sources, given)
    packed = _pack(sources, given, origins, None)
    weights: dict[str, float] = {}
    known: dict[str, int] = {}  # text -> size
    best: Packed | None = None
    least: tuple[int, int] | None = None  # chunks, each of which costs heap, and bytes
    for number in range(ROUNDS):
        new = {chunk: text for chunk, text in packed.texts.items() if text not in known}
        known.update({new[chunk]: size for chunk, size in size_of(new).items()})
        sizes = {chunk: known[text] for chunk, text in packed.texts.items()}
        cost = len(sizes), sum(sizes.values())
        if number and max(sizes.values()) <= MODULE_BYTES and (least is None or cost < least):
            best, least = packed, cost
        if best is not None and not new:  # it comes out the same from now on
            break
        for chunk, modules in packed.members.items():  # together they are smaller than each alone
            ratio = sizes[chunk] / sum(weights.get(module, sizes[chunk]) for module in modules)
            weights.update({module: weights.get(module, sizes[chunk]) * ratio for module in modules})
        packed = _pack(sources, given, origins, weights)
    if best is None:
        raise ValueError(f"a module is larger than {MODULE_BYTES} bytes: {sizes}")
    return best


def _read(sources: dict[str, str], given: Given) -> tuple[Program, Constants, Reach]:
    units = {dotted(path): Unit.read(dotted(path), path, text) for path, text in sources.items()}
    program = Program(units, given.instead)
    constants = Constants(program, given.values)
    fixed = set().union(*(identifiers(ast.parse(text)) for text in given.frozen))
    return program, constants, Reach(program, constants, fixed)


def _flat(sources: dict[str, str], given: Given) -> tuple[dict[str, str], Origins]:
    """What is called from one place is there."""
    origins: Origins = {
        path: [(row,) for row in range(1, text.count("\n") + 2)] for path, text in sources.items()
    }
    while True:
        program, _, reach = _read(sources, given)
        changed = flat.replaced(program, reach, origins)
        if not changed:
            return sources, origins
        sources = {**sources, **changed}


def _pack(
    sources: dict[str, str], given: Given, origins: Origins, weights: dict[str, float] | None
) -> Packed:
    """Without weights each module is a chunk of its own."""
    program, constants, reach = _read(sources, given)
    units = program.units
    names = Names(program, reach)
    has_said = said.MODULE in units
    seen: set[str] = set()
    stay = [m for root in [said.MODULE] * has_said + [ROOT] for m in chunks.order(reach, root, seen)]
    apart = chunks.apart(reach, set(stay))
    some = reach.leaves_something
    groups = [[m for m in group if some(m)] for group in chunks.together(reach, apart)]
    held = chunks.members([m for m in stay if some(m)], groups, weights, CHUNK_BYTES)
    words = [ROOT, *names.for_chunks(len(held) - 1)]  # the chip loads the last one by that name
    members = dict(reversed(list(zip(words, reversed(held), strict=True))))
    packed, symbols = Packed(members=members), {}
    for chunk, modules in members.items():
        mine = [s for module in modules for s in sorted(reach.symbols) if s[0] == module]
        there = [s for s in mine if s[0] in reach.values or constants.value(s) is MISSING]
        named = names.of_chunk(modules, there)
        symbols.update(named)
        packed.names[chunk] = {new: name for (_, name), new in named.items() if new != name}
    for old, new in names.attributes.items():
        packed.attributes.setdefault(new, []).append(old)
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
        packed.add(chunk, [(units[m].path, *rewritten[m]) for m in modules], origins)
    return packed
