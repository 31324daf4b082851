"""What of the program is used at all, from what runs at boot on."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tools.pack.fold import MISSING, Constants
from tools.pack.program import Program, Symbol, code, identifiers
from tools.pack.rom_words import ROM_WORDS
from tools.pack.said import SAID
from tools.pack.scopes import Function

WORD = re.compile(r"[A-Za-z_]\w*")
BY_NAME = ("getattr", "setattr", "hasattr", "delattr")
ROOT = "main"
ENTRY: Symbol = ("main", "run")  # what the chooser calls


class Reach:
    """Filled on construction.

    symbols     what is used, other than constants that stand in place of their names
    attributes  names looked up on objects, where it can't be known what they are
    keywords    names of arguments in calls
    words       whatever stands in texts: getattr, format and ** may look names up by them; and fixed names
    looked_up   those of them that getattr may look up on objects, other than methods: in a table of lines, in
                what is split, and in such a call itself
    values      modules handed around as objects
    needs       module -> the modules it needs when it is loaded, lazily -> those it imports in a function
    """

    def __init__(self, program: Program, constants: Constants, fixed: Iterable[str]) -> None:
        self._program, self._constants = program, constants
        self.symbols: set[Symbol] = set()
        self.attributes: set[str] = set()
        self.keywords: set[str] = set()
        self.words: set[str] = set(fixed)
        self.looked_up: set[str] = set(self.words)
        self.values: set[str] = set()
        self.needs: dict[str, list[str]] = {}
        self.lazily: dict[str, list[str]] = {}
        self.modules_with: Counter[str] = Counter()  # attribute -> how many modules say it
        self.users_of: Counter[Symbol] = Counter()  # symbol -> how many modules
        self._said: set[tuple[str, object]] = set()
        self._does: dict[str, bool] = {}
        self._done: set[ast.AST] = set()
        self._holders: set[ast.Name] = set()  # module in `module.name`
        if SAID[0] in program.units:  # the packer itself calls it
            self._use(SAID)
        self._load(ROOT)
        if ENTRY[1] in program.tops[ENTRY[0]].symbols:
            self._use(ENTRY)
        while self._methods() or self._of_values():
            pass

    def kept(self, module: str, name: str) -> bool:
        """Is this symbol there as a name, not only as its value?"""
        return (module, name) in self.symbols

    def _does_something(self, module: str) -> bool:
        """Does it, or what it imports, do more than to make names when it is loaded?"""
        if module not in self._does:
            top = self._program.tops[module]
            self._does[module] = bool(top.effects)  # imports that go round end here
            for target in top.imports.values():
                if self._does_something(target if isinstance(target, str) else target[0]):
                    self._does[module] = True
        return self._does[module]

    def leaves_something(self, module: str) -> bool:
        """Is there anything of a module in the image?"""
        return bool(self._program.tops[module].effects) or any(held == module for held, _ in self.symbols)

    def method_is_used(self, name: str) -> bool:
        """By its name alone: nobody knows the types of objects here. Others than us know words in ROM."""
        return name in self.attributes or name in self.words or name in ROM_WORDS or name.startswith("__")

    def _load(self, module: str) -> None:
        if module in self.needs:
            return
        self.needs[module], self.lazily[module] = [], []
        for target in self._program.tops[module].imports.values():  # what these do when loaded is wanted too
            imported = target if isinstance(target, str) else target[0]
            if self._does_something(imported):
                self.needs[module].append(imported)
                self._load(imported)
        for node in self._program.tops[module].effects:
            self._look(module, node)

    def _use(self, symbol: Symbol) -> None:
        if symbol in self.symbols:
            return
        self.symbols.add(symbol)
        module = symbol[0]
        self._load(module)
        for node in self._program.nodes(symbol):
            self._look(module, node)

    def _methods(self) -> bool:
        """Look at the methods that came to be used; False when there were none."""
        found = False
        for module, name in sorted(self.symbols):
            for node in self._program.nodes((module, name)):
                if isinstance(node, ast.ClassDef):
                    for method in node.body:
                        if not isinstance(method, Function) or method in self._done:
                            continue
                        if self.method_is_used(method.name):
                            found = True
                            self._look(module, method)
        return found

    def _of_values(self) -> bool:
        """As _methods, of the names in modules that are handed around."""
        before = len(self.symbols)
        for module in sorted(self.values):
            for name in self._program.tops[module].symbols:
                if self.method_is_used(name):
                    self._use((module, name))
        return len(self.symbols) > before

    def _look(self, module: str, node: ast.AST) -> None:
        """Take note of all that a piece of code refers to."""
        self._done.add(node)
        for part in self._parts(node):
            if isinstance(part, ast.Attribute):
                self._attribute(module, part)
            elif isinstance(part, ast.Name):
                self._name(module, part)
            elif isinstance(part, ast.keyword) and part.arg:
                self.keywords.add(part.arg)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in BY_NAME:
                for argument in part.args[1:2]:
                    self.looked_up |= identifiers(argument)
            elif isinstance(part, ast.Constant):
                self._text(part.value)

    def _text(self, value: object, split: bool = False) -> None:
        """One word, a table of lines or what is split may say a name; a sentence does not."""
        if isinstance(value, str | bytes):
            text = value if isinstance(value, str) else value.decode("latin-1")
            if split or "\n" in text or WORD.fullmatch(text):
                self.words.update(WORD.findall(text))
            if split or ("\n" in text and text is value):
                self.looked_up.update(WORD.findall(text))

    def _parts(self, node: ast.AST) -> Iterator[ast.AST]:
        """All code but methods of classes, which wait until they are used."""
        if not isinstance(node, ast.ClassDef):
            yield from code(node)
            return
        for part in [*node.bases, *node.decorator_list]:
            yield from code(part)
        for statement in node.body:
            if not isinstance(statement, Function):
                yield from code(statement)

    def _attribute(self, module: str, node: ast.Attribute) -> None:
        target = self._program.attribute(module, node)
        if isinstance(target, tuple):
            self._refer(module, target, node)
        elif target is None:
            if not isinstance(node.ctx, ast.Store):
                self.attributes.add(node.attr)
            if node.attr == "split" and isinstance(node.value, ast.Constant):
                self._text(node.value.value, split=True)
            if (module, node.attr) not in self._said:
                self._said.add((module, node.attr))
                self.modules_with[node.attr] += 1
        if isinstance(node.value, ast.Name) and target is not None:
            self._holders.add(node.value)

    def _name(self, module: str, node: ast.Name) -> None:
        target = self._program.name(module, node)
        if isinstance(target, tuple):
            self._refer(module, target, node)
        elif target is not None and node not in self._holders and not isinstance(node.ctx, ast.Del):
            self.values.add(target)
            self._load(target)
            self._need(module, target, node)

    def _refer(self, module: str, target: Symbol, node: ast.Name | ast.Attribute) -> None:
        value = self._constants.value(target)
        if value is not MISSING:
            self._text(value)
            return
        self._use(target)
        if (module, target) not in self._said:
            self._said.add((module, target))
            self.users_of[target] += 1
        name = node if isinstance(node, ast.Name) else node.value
        assert isinstance(name, ast.Name)
        self._need(module, target[0], name)

    def _need(self, module: str, needed: str, name: ast.Name) -> None:
        kind = self.lazily if name in self._program.meanings[module].local else self.needs
        if needed != module and needed not in kind[module]:
            kind[module].append(needed)
