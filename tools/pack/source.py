"""One source file: its tree, what of it runs on the chip, and edits of its text that keep its lines."""

import ast
from dataclasses import dataclass, field

# Top-level `try: import X` is decided when the image is built.
_MODULES = (
    "array asyncio binascii collections cryptolib deflate errno esp32 framebuf gc hashlib io json machine "
    "math micropython network ntptime os random select socket ssl struct sys time tls uctypes vfs"
)
ON_CHIP = frozenset(_MODULES.split())


@dataclass
class Edits:
    """Replacements in a text, by places of ast nodes: line from 1, column in bytes of UTF-8."""

    text: str
    _made: list[tuple[int, int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._bytes = self.text.encode()
        self._starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """Offset in bytes."""
        return self._starts[line - 1] + column

    def span(self, node: ast.stmt | ast.expr | ast.arg | ast.keyword) -> tuple[int, int]:
        """Where a node begins and ends, decorators included."""
        line, column = node.lineno, node.col_offset
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.decorator_list:
            line, column = node.decorator_list[0].lineno, node.decorator_list[0].col_offset - 1
        assert node.end_lineno is not None and node.end_col_offset is not None
        return self.at(line, column), self.at(node.end_lineno, node.end_col_offset)

    def read(self, start: int, end: int) -> str:
        """The text there now, before any edit."""
        return self._bytes[start:end].decode()

    def find(self, word: str, start: int) -> int:
        """Where this word stands next."""
        return self._bytes.index(word.encode(), start)

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text of one line there; the lines that it takes away stay as empty ones."""
        lines = self._bytes[start:end].count(b"\n")
        self._made.append((start, end, text.encode() + b"\n" * lines))

    def put(self, node: ast.stmt | ast.expr, text: str) -> None:
        """In place of a whole node."""
        self.replace(*self.span(node), text)

    def put_range(self, first: ast.stmt | ast.ExceptHandler, last: ast.stmt) -> None:
        """Nothing in place of all from one node to another."""
        self.replace(self.at(first.lineno, first.col_offset), self.span(last)[1], "")

    def result(self) -> str:
        """The edited text. ValueError when two edits overlap."""
        out, end = b"", 0
        for start, stop, text in sorted(self._made):
            if start < end:
                raise ValueError(f"two edits at once: {self.read(start, stop)!r}")
            out += self._bytes[end:start] + text
            end = stop
        return (out + self._bytes[end:]).decode()


@dataclass
class Unit:
    """One module of the program. `body`: its statements that run on the chip."""

    name: str
    path: str
    text: str
    tree: ast.Module
    edits: Edits
    body: list[ast.stmt]
    chosen: set[ast.stmt] = field(default_factory=set)  # of a branch: taking one away leaves `pass`

    @classmethod
    def read(cls, name: str, path: str, text: str) -> "Unit":
        """SyntaxError; ValueError for what this cannot edit."""
        tree = ast.parse(text, path)
        unit = cls(name, path, text, tree, Edits(text), [])
        for number, node in enumerate(tree.body):
            if number == 0 and is_text(node):
                unit.edits.put(node, "")
            elif isinstance(node, ast.Try):
                unit._choose(node)
            elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                unit.edits.put(node, "")
            else:
                unit.body.append(node)
        for inner in ast.walk(tree):
            if isinstance(inner, ast.JoinedStr):
                raise ValueError(f"{path}:{inner.lineno}: an f-string; write it with %")
        return unit

    def _choose(self, node: ast.Try) -> None:
        """`try: import X ... except ImportError: ...`: one of them is here to stay."""
        if len(node.handlers) != 1 or node.orelse or node.finalbody:
            raise ValueError(f"{self.path}:{node.lineno}: only `try: import X ... except ImportError:` here")
        handler = node.handlers[0]
        imported = [name for part in node.body for name in modules_of(part)]
        ours = all(name.split(".")[0] in ON_CHIP for name in imported)
        kept = node.body if ours else handler.body
        self.edits.replace(*self._head(node), "if 1:" if ours else "")
        if ours:
            self.edits.put_range(handler, handler.body[-1])
        else:
            self.edits.put_range(node.body[0], node.body[-1])
            self.edits.replace(*self._head(handler), "if 1:")
        self.body += kept
        self.chosen.update(kept)

    def _head(self, node: ast.Try | ast.ExceptHandler) -> tuple[int, int]:
        """From `try` or `except` to its colon."""
        start = self.edits.at(node.lineno, node.col_offset)
        return start, self.edits.find(":", start) + 1


def is_text(node: ast.stmt) -> bool:
    """A docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def modules_of(node: ast.stmt) -> list[str]:
    """What an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
