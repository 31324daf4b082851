"""Sources with calls replaced by what is called, for as long as there are such calls."""

import ast

from tools.pack.calls import Routine, Site, sites
from tools.pack.inline import Body, Refusal
from tools.pack.layout import words
from tools.pack.lines import Rows
from tools.pack.program import Program
from tools.pack.reach import Reach
from tools.pack.source import Unit

Origins = dict[str, list[Rows]]  # path -> where each row comes from


def apply(unit: Unit, program: Program, found: list[Site], origins: list[Rows]) -> str | None:
    """The text with some of these calls replaced, None when there is none to replace; `origins` follows."""
    lines = unit.text.splitlines(keepends=True)
    callers: dict[Routine, set[str]] = {}
    callees: set[Routine] = set()
    made: list[tuple[Site, list[tuple[str, Rows]]]] = []
    for site in found:
        if site.caller in callees or site.callee in callers or _within(site, [m[0] for m in made]):
            continue
        taken = set(callers.get(site.caller) or words(site.caller))
        try:
            rows = Body(program, unit, site, taken).rows(lines, origins)
        except Refusal:
            continue
        callers[site.caller] = taken
        callees.add(site.callee)
        made.append((site, rows))
    for site, rows in sorted(made, key=lambda pair: -pair[0].statement.lineno):
        node = site.statement
        end = node.lineno if isinstance(node, ast.If | ast.For) else node.end_lineno or node.lineno
        lines[node.lineno - 1 : end] = [text for text, _ in rows]
        origins[node.lineno - 1 : end] = [origin for _, origin in rows]
    return "".join(lines) if made else None


def _within(site: Site, others: list[Site]) -> bool:
    """Another call in the same rows."""
    return any(site.statement is other.statement for other in others)


def replaced(program: Program, reach: Reach, origins: Origins) -> dict[str, str]:
    """Path -> new text, of the sources in which calls could be replaced."""
    found: dict[str, list[Site]] = {}
    for site in sites(program, reach):
        found.setdefault(site.module, []).append(site)
    changed = {}
    for module, some in found.items():
        unit = program.units[module]
        text = apply(unit, program, some, origins[unit.path])
        if text is not None:
            changed[unit.path] = text
    return changed
