"""Which modules share a chunk, and what each chunk is called."""

from tools.pack.reach import Reach


def order(reach: Reach, root: str, seen: set[str]) -> list[str]:
    """What a module needs, each before those that need it, itself last; what was seen is left out."""
    if root in seen:
        return []
    seen.add(root)
    found = []
    for needed in reach.needs[root]:
        found += order(reach, needed, seen)
    return [*found, root]


def apart(reach: Reach, stay: set[str]) -> list[str]:
    """Modules that only imports inside functions ask for, with what they alone need, in order of names."""
    seen = set(stay)
    found: list[str] = []
    waiting = sorted(stay)
    while waiting:
        module = waiting.pop()
        for lazy in [*reach.lazily[module], *reach.needs[module]]:
            if lazy not in seen:
                more = order(reach, lazy, seen)
                found += more
                waiting += more
    return sorted(found)


def together(reach: Reach, apart: list[str]) -> list[list[str]]:
    """Those of them that the same imports bring, in the order in which they need each other: one chunk for
    each such set costs less than one for each module."""
    brought: dict[str, set[str]] = {module: set() for module in apart}
    roots = sorted({lazy for asked in reach.lazily.values() for lazy in asked} & brought.keys())
    for root in roots:
        for module in order(reach, root, set()):
            if module in brought:
                brought[module].add(root)
    groups: dict[frozenset[str], list[str]] = {}
    seen: set[str] = set()
    for root in roots:
        for module in order(reach, root, seen):
            if module in brought:
                groups.setdefault(frozenset(brought[module]), []).append(module)
    return list(groups.values())


def members(
    stay: list[str], apart: list[list[str]], weights: dict[str, float] | None, limit: int
) -> list[list[str]]:
    """Modules of each chunk: those apart in their groups, then those that stay in their order, as many to one
    as the limit allows; the last chunk is the last of them. All alone without weights."""
    held = [list(group) for group in apart if group]
    if not weights:
        held = [[module] for group in held for module in group]
    room = 0.0
    for number, module in enumerate(stay):
        weight = weights[module] if weights else 1
        if not number or not weights or weight > room:
            held.append([])
            room = limit
        held[-1].append(module)
        room -= weight
    return held
