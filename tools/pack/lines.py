"""As few lines in a chunk as can be: each step from one to the next costs byte code a byte or two.

Lines without code are left out, a statement is one line, and simple statements that follow each other share
one, with the `if` or `for` above them when its block has no others. So a traceback names a few lines of the
source (LINES_MAX). And what MicroPython notes in each class, and nobody asks for, leaves its table before it
grows.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from tools.pack.scopes import Function

Rows = tuple[int, ...]  # of a source: the calls by which something was brought where it is, and its own row
Place = tuple[Rows, int]  # of a line of a chunk: where it stands in the source, and the last row of that

LINES_MAX = 8  # of a source that one line of a chunk stands for
_LAYOUT = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
_DEFINES = frozenset(("def", "class", "async", "@"))
_COMPOUND = _DEFINES | {"if", "elif", "else", "for", "while", "with", "try", "except", "finally"}
_NOTES = "del __module__, __qualname__"


@dataclass
class _Statement:
    """A simple one or the head of a block, on one line; from `first` to `last` in the source. `column`: where
    it begins; `opens`: a block follows; `alone`: it shares its line with nothing."""

    text: str
    column: int
    first: Rows
    last: int
    opens: bool = False
    alone: bool = False


def close(text: str, origins: list[Rows]) -> list[tuple[str, Place]]:
    """The lines that say something to the compiler, docstrings not among them, and where each comes from;
    `origins`: the same of each row of the text."""
    silent, notes = _of_tree(text)
    statements = []
    for tokens in _tokens(text):
        row, column = tokens[0].start
        if row in notes:
            origin = origins[notes[row] - 1]
            statements.append(_Statement(_NOTES, column, origin, origin[-1]))
        if row not in silent:
            statements.append(_statement(tokens, origins))
    return [_line(shared) for shared in _shared(statements)]


def _of_tree(text: str) -> tuple[set[int], dict[int, int]]:
    """Rows of statements that do nothing, in blocks that have others; and the row in which a class's body
    begins -> the row of the class."""
    silent: set[int] = set()
    notes: dict[int, int] = {}
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1:
            idle = [
                part for part in body if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
            ]
            silent |= {part.lineno for part in idle}
        if isinstance(node, ast.ClassDef) and any(isinstance(part, Function) for part in node.body):
            notes[node.body[0].lineno] = node.lineno
    return silent, notes


def _tokens(text: str) -> Iterator[list[tokenize.TokenInfo]]:
    """Of each statement."""
    found: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE:
            yield found
            found = []
        elif token.type not in _LAYOUT:
            found.append(token)


def _statement(tokens: list[tokenize.TokenInfo], origins: list[Rows]) -> _Statement:
    (first, column), last = tokens[0].start, tokens[-1].end[0]
    text, end = "", tokens[0].start
    for token in tokens:
        text += " " * (token.start[1] - end[1] if token.start[0] == end[0] else 1)
        is_long = token.type == tokenize.STRING and "\n" in token.string
        text += repr(ast.literal_eval(token.string)) if is_long else token.string
        end = token.end
    opens = tokens[-1].string == ":"
    alone = tokens[0].string in (_DEFINES if opens else _COMPOUND)
    return _Statement(text, column, origins[first - 1], origins[last - 1][-1], opens, alone)


def _shared(statements: list[_Statement]) -> Iterator[list[_Statement]]:
    """Those that share a line."""
    at = 0
    while at < len(statements):
        head, end = statements[at], at + 1
        if not head.alone:
            column = statements[end].column if head.opens else head.column
            while end < len(statements) and statements[end].column == column and _fits(head, statements[end]):
                end += 1
            if head.opens and end < len(statements) and statements[end].column >= column:
                end = at + 1  # not all of the block
        yield statements[at:end]
        at = end


def _fits(head: _Statement, other: _Statement) -> bool:
    """May it stand on the same line? Not what was brought there from elsewhere."""
    if other.opens or other.alone or other.first[:-1] != head.first[:-1]:
        return False
    return head.last <= other.first[-1] and other.last - head.first[-1] < LINES_MAX


def _line(shared: list[_Statement]) -> tuple[str, Place]:
    head, *others = shared
    rest = "; ".join(one.text for one in others)
    text = head.text + (" " if head.opens else "; ") + rest if rest else head.text
    return f"{' ' * head.column}{text}\n", (head.first, shared[-1].last)
