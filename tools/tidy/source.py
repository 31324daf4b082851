"""A source file as the rules see it, and a fault as the person sees it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """`path` is relative to the project, with slashes; its first part says which arrows and rules hold."""

    path: str
    text: str

    @property
    def area(self) -> str:
        return self.path.split("/")[0]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def functions(self) -> Iterator[tuple[str, Function]]:
        """(qualified name, node) of every function, nested ones and methods included."""

        def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield prefix + child.name, child
                    yield from walk(child, f"{prefix}{child.name}.")
                elif isinstance(child, ast.ClassDef):
                    yield from walk(child, f"{prefix}{child.name}.")
                else:
                    yield from walk(child, prefix)

        yield from walk(self.tree, "")


@dataclass(frozen=True)
class Fault:
    """`place` is what allow.toml names: the path, or path:function."""

    rule: str
    path: str
    line: int
    message: str
    function: str = ""

    @property
    def place(self) -> str:
        return f"{self.path}:{self.function}" if self.function else self.path

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message} [{self.rule}]"


def read_tree(root: Path, areas: tuple[str, ...]) -> Iterator[Source]:
    """Every Python file below these folders of the project, in order."""
    for area in areas:
        for path in sorted((root / area).rglob("*.py")):
            yield Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
