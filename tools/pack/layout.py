"""What can be told from where a function's and a statement's code stands."""

import ast
from itertools import pairwise

from tools.pack.calls import Routine, Site


def rows_apart(site: Site, lines: list[str], body: list[ast.stmt]) -> bool:
    """Whole rows are moved: has each statement its own, and goes no text over several?"""
    statement = site.statement
    end = statement.end_lineno or statement.lineno
    if isinstance(statement, ast.If | ast.For):
        end = statement.lineno
        if statement.body[0].lineno == end or not lines[end - 1].lstrip().startswith(("if ", "for ")):
            return False
    rows = [(part.lineno, part.end_lineno or part.lineno, part.col_offset) for part in body]
    if any(last >= first for (_, last, _), (first, _, _) in pairwise(rows)):
        return False
    for first, last, column in [*rows, (statement.lineno, end, statement.col_offset)]:
        if lines[first - 1][:column].strip() or ";" in lines[last - 1].split("#")[0]:
            return False
    inside = [lines[row - 1] for first, last, _ in rows for row in range(first, last + 1)]
    return not any(mark in row for row in inside for mark in ('"""', "'" * 3, "\\\n"))


def ends(statement: ast.stmt) -> bool:
    """Does nothing after it run?"""
    if isinstance(statement, ast.If):
        return bool(statement.orelse) and ends(statement.body[-1]) and ends(statement.orelse[-1])
    return isinstance(statement, ast.Return | ast.Raise)


def words(routine: Routine) -> set[str]:
    """All names that stand in a function."""
    found: set[str] = set()
    for node in ast.walk(routine):
        for name in ("id", "arg", "name", "asname"):
            word = getattr(node, name, None)
            if isinstance(word, str):
                found |= {word, word.split(".")[0]}
    return found
