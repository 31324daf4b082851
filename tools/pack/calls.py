"""Which functions are called from one place alone, by a statement that can give way to their body."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tools.pack.program import Program, Symbol, code
from tools.pack.reach import Reach
from tools.pack.rom_words import OTHER_WORDS, ROM_WORDS
from tools.pack.scopes import Comprehension, Function

Routine = ast.FunctionDef | ast.AsyncFunctionDef
_KEEP = (
    ast.Lambda,
    ast.GeneratorExp,
    ast.Yield,
    ast.YieldFrom,
    ast.Global,
    ast.Nonlocal,
    ast.ClassDef,
    ast.Import,  # what is imported for a moment would be held for as long as the caller runs
    ast.ImportFrom,
    ast.NamedExpr,
)


@dataclass(eq=False)
class Site:
    """`call` or the await around it, in `statement` of `caller`, of `callee`; both in one module."""

    module: str
    caller: Routine
    statement: ast.stmt
    call: ast.expr
    callee: Routine
    of_class: bool


@dataclass(eq=False)
class _Place:
    module: str
    owner: ast.ClassDef | None
    routine: Routine | None
    node: ast.Name | ast.Attribute


def sites(program: Program, reach: Reach) -> list[Site]:
    """All of them, in what is used."""
    symbols: dict[Symbol, list[_Place]] = {}
    attributes: dict[str, list[_Place]] = {}
    methods: dict[str, list[tuple[str, ast.ClassDef, Routine]]] = {}
    for module, owner, routine, root in _used(program, reach):
        if owner is not None and routine is not None:
            methods.setdefault(routine.name, []).append((module, owner, routine))
        for node in code(root):
            if isinstance(node, ast.Name | ast.Attribute):
                place = _Place(module, owner, routine, node)
                is_name = isinstance(node, ast.Name)
                target = program.name(module, node) if is_name else program.attribute(module, node)  # type: ignore[arg-type]
                if isinstance(target, tuple):
                    symbols.setdefault(target, []).append(place)
                elif target is None and isinstance(node, ast.Attribute):
                    attributes.setdefault(node.attr, []).append(place)
    found = []
    for (module, name), places in symbols.items():
        nodes = program.nodes((module, name))
        callee = nodes[0]
        if len(places) == len(nodes) == 1 and isinstance(callee, Function) and places[0].module == module:
            found.append(_site(places[0], callee, False))
    words = reach.words | ROM_WORDS | OTHER_WORDS
    for name, defined in methods.items():
        places = attributes.get(name, [])
        if len(places) == len(defined) == 1 and name not in words and not name.startswith("__"):
            place, (module, owner, callee) = places[0], defined[0]
            if place.owner is owner and _is_self(place):
                found.append(_site(place, callee, True))
    return [site for site in found if site is not None]


def _used(
    program: Program, reach: Reach
) -> Iterator[tuple[str, ast.ClassDef | None, Routine | None, ast.AST]]:
    """Module, class, function and piece of code of all that is in the image."""
    for module, unit in program.units.items():
        if module not in reach.needs:
            continue
        for node in unit.body:
            if isinstance(node, Function | ast.ClassDef) and not reach.kept(module, node.name):
                continue
            if isinstance(node, ast.ClassDef):
                for base in [*node.bases, *node.decorator_list]:
                    yield module, node, None, base
                for part in node.body:
                    if not isinstance(part, Function):
                        yield module, node, None, part
                    elif reach.method_is_used(part.name):
                        yield module, node, part, part
            else:
                yield module, None, node if isinstance(node, Function) else None, node


def _is_self(place: _Place) -> bool:
    node, routine = place.node, place.routine
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name) or routine is None:
        return False
    stored = [
        n
        for n in ast.walk(routine)
        if isinstance(n, ast.Name) and n.id == "self" and isinstance(n.ctx, ast.Store)
    ]
    first = routine.args.args[:1]
    return node.value.id == "self" and bool(first) and first[0].arg == "self" and not stored


def _site(place: _Place, callee: Routine, of_class: bool) -> Site | None:
    routine = place.routine
    if routine is None or routine is callee or callee.decorator_list or not _fits(callee):
        return None
    above = {child: node for node in ast.walk(routine) for child in ast.iter_child_nodes(node)}
    call = above.get(place.node)
    if not isinstance(call, ast.Call) or call.func is not place.node:
        return None
    whole: ast.expr = call
    is_async = isinstance(callee, ast.AsyncFunctionDef)
    if is_async:
        awaited = above[call]
        if not isinstance(awaited, ast.Await):
            return None
        whole = awaited
    node: ast.AST = whole
    while not isinstance(node, ast.stmt):
        if isinstance(node, ast.Lambda | Comprehension):
            return None
        node = above[node]
    holder: ast.AST = node
    while holder in above:
        holder = above[holder]
        if isinstance(holder, Function) and holder is not routine:
            return None
    return Site(place.module, routine, node, whole, callee, of_class)


def _fits(callee: Routine) -> bool:
    """Nothing in it means something else where it is called."""
    arguments = callee.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs:
        return False
    inner = [node for part in callee.body for node in ast.walk(part)]
    return not any(isinstance(node, (*_KEEP, ast.FunctionDef, ast.AsyncFunctionDef)) for node in inner)


def comes_first(node: ast.AST, call: ast.expr, changing: set[str]) -> bool | None:
    """Is the call what a piece of code does first? None when it is not in it and nothing is done, either;
    `changing`: names of the module that functions assign."""
    if node is call:
        return True
    if isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id not in changing):
        return None
    parts = _in_order(node)
    if isinstance(node, ast.BoolOp):
        return comes_first(parts[0], call, changing) or False
    for part in parts:
        first = comes_first(part, call, changing)
        if first is not None:
            return first
    return False


def _in_order(node: ast.AST) -> list[ast.expr]:
    """What is worked out before the node itself does something; [] where that depends."""
    match node:
        case ast.BoolOp(values=values):
            return values
        case ast.Compare(left=left, comparators=[right, *_]):
            return [left, right]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return parts
        case ast.Attribute(value=value) | ast.Subscript(value=value) | ast.Await(value=value):
            return [value]
        case ast.Call(func=func, args=args):
            return [func, *args]
    return []
