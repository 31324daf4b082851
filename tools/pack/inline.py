"""A function that one statement alone calls is put in that statement's place.

It costs no function object, no name and no call then. Where this can't tell that the program does the same,
the call stays: see calls.py and Body.
"""

import ast
from dataclasses import dataclass

from tools.pack.calls import Site, comes_first
from tools.pack.layout import ends, rows_apart, words
from tools.pack.lines import Rows
from tools.pack.program import Program
from tools.pack.source import Edits, Unit, is_text


class Refusal(Exception):
    """This call stays."""


@dataclass
class Body:
    """What takes the place of `site.statement`. Refusal."""

    program: Program
    unit: Unit
    site: Site
    taken: set[str]  # names in the caller, and those that were brought there; grows

    def rows(self, lines: list[str], origins: list[Rows]) -> list[tuple[str, Rows]]:
        """The new rows, indented as the statement was, and where each comes from."""
        site, statement = self.site, self.site.statement
        body = [part for part in site.callee.body if not is_text(part)]
        if not body:
            raise Refusal
        if not rows_apart(site, lines, body):
            raise Refusal
        called = origins[statement.lineno - 1]
        indent = " " * statement.col_offset
        new, bindings = self._names(body)
        edits = Edits(self.unit.text)
        for part in body:
            for node in ast.walk(part):
                if isinstance(node, ast.Name) and self._is_local(node) and node.id in new:
                    edits.put(node, new[node.id])
        last, after = self._end(edits, body, lines)
        edited = edits.result().splitlines(keepends=True)
        made: list[tuple[str, Rows]] = [(f"{indent}{text}\n", called) for text in bindings]
        shift = body[0].col_offset
        for part in body[:-1] if last is None else body:
            for row in range(part.lineno, (part.end_lineno or part.lineno) + 1):
                text = edited[row - 1]
                text = indent + text[min(shift, len(text) - len(text.lstrip())) :] if text.strip() else "\n"
                made.append((text, (*called, *origins[row - 1])))
        return made + [(text, called) for text in after]

    def _is_local(self, node: ast.Name) -> bool:
        scope = self.program.meanings[self.unit.name].local.get(node)
        return scope is not None and scope.node is self.site.callee

    def _names(self, body: list[ast.stmt]) -> tuple[dict[str, str], list[str]]:
        """What local names become, and the statements that give the parameters their values."""
        callee, meanings = self.site.callee, self.program.meanings[self.unit.name]
        scope = next(scope for scope in meanings.scopes if scope.node is callee)
        names = [n for part in body for n in ast.walk(part) if isinstance(n, ast.Name)]
        hidden = self._hidden()
        if any(n.id in hidden and n not in meanings.local for n in names):
            raise Refusal  # something of the module, which the caller hides
        stored = {n.id for n in names if not isinstance(n.ctx, ast.Load)} | scope.rebound
        new: dict[str, str] = {}
        bindings = []
        for parameter, value in self._arguments():
            if isinstance(value, ast.Name) and parameter not in stored and self._is_steady(value):
                new[parameter] = value.id
            elif (
                isinstance(value, ast.Constant)
                and parameter not in stored
                and self._is_plain(parameter, body)
            ):
                new[parameter] = ast.unparse(value)
            else:
                bindings.append((parameter, ast.unparse(value)))
        inner = {n.id for n in names if n in meanings.local and meanings.local[n] is not scope}
        if inner & set(new.values()):
            raise Refusal
        own = {"self"} if self.site.of_class else set()
        for name in sorted(scope.names - new.keys() - own):
            if name in self.taken:
                if name in scope.rebound:
                    raise Refusal
                new[name] = next(f"{name}_{n}" for n in range(1, 99) if f"{name}_{n}" not in self.taken)
            self.taken.add(new.get(name, name))
        self.taken.update(n.id for n in names)
        return new, [f"{new.get(name, name)} = {text}" for name, text in bindings]

    def _hidden(self) -> set[str]:
        """Local names of the caller, and of what was brought there."""
        scopes = self.program.meanings[self.unit.name].scopes
        caller = next(scope for scope in scopes if scope.node is self.site.caller)
        return caller.names | (self.taken - words(self.site.caller))

    def _is_steady(self, value: ast.Name) -> bool:
        """Nothing that the body does gives this name of the caller another value."""
        return value.id not in self.program.globals[self.unit.name]

    def _is_plain(self, parameter: str, body: list[ast.stmt]) -> bool:
        """It is nowhere the 5 of `(5).to_bytes`."""
        parts = [
            n
            for part in body
            for n in ast.walk(part)
            if isinstance(n, ast.Attribute | ast.Subscript | ast.Call)
        ]
        held = [n.func if isinstance(n, ast.Call) else n.value for n in parts]
        return not any(isinstance(n, ast.Name) and n.id == parameter for n in held)

    def _arguments(self) -> list[tuple[str, ast.expr]]:
        """Parameter -> what the call gives it, in the order in which it is worked out."""
        whole, arguments = self.site.call, self.site.callee.args
        call = whole.value if isinstance(whole, ast.Await) else whole
        assert isinstance(call, ast.Call)
        if any(isinstance(part, ast.Starred) for part in call.args) or any(not k.arg for k in call.keywords):
            raise Refusal
        names = [arg.arg for arg in arguments.args]
        if self.site.of_class:
            names = names[1:]
            if arguments.args[0].arg != "self":
                raise Refusal
        given = [*zip(names, call.args, strict=False), *((str(k.arg), k.value) for k in call.keywords)]
        defaults = dict(zip(reversed(names), reversed(arguments.defaults), strict=False))
        for name in names:
            if name not in dict(given):
                if not isinstance(defaults.get(name), ast.Constant):
                    raise Refusal
                given.append((name, defaults[name]))
        if len(given) != len(names) or len(call.args) > len(names):
            raise Refusal
        return given

    def _end(self, edits: Edits, body: list[ast.stmt], lines: list[str]) -> tuple[ast.stmt | None, list[str]]:
        """How the function's end becomes that of the statement: the last part of its body that is kept, or
        None, and the rows that come after."""
        site, statement, last = self.site, self.site.statement, body[-1]
        returns = [n for part in body for n in ast.walk(part) if isinstance(n, ast.Return)]
        is_last = site.caller.body[-1] is statement
        indent = " " * statement.col_offset
        if isinstance(statement, ast.Return) and statement.value is site.call:
            return last, [] if is_last or ends(last) else [f"{indent}return\n"]
        if isinstance(statement, ast.Expr) and statement.value is site.call:
            if any(n.value is not None for n in returns) or not (is_last or set(returns) <= {last}):
                raise Refusal
            if returns == [last] and not is_last:
                if len(body) == 1:
                    raise Refusal
                return None, []
            return last, []
        if returns != [last] or not isinstance(last, ast.Return) or last.value is None:
            raise Refusal
        start = edits.at(last.lineno, last.col_offset)
        target = self._target(statement)
        if target:
            edits.replace(start, start + len("return"), f"{target} =")
            return last, []
        parts: list[ast.AST | None] = [getattr(statement, name, None) for name in ("test", "iter", "value")]
        parts = [part for part in parts if part is not None]
        allowed = isinstance(statement, ast.If | ast.For | ast.Return | ast.Assign | ast.AnnAssign | ast.Expr)
        if not allowed or not comes_first(parts[0], site.call, self.program.globals[self.unit.name]):  # type: ignore[arg-type]
            raise Refusal
        name = next(f"r_{n}" for n in range(1, 99) if f"r_{n}" not in self.taken)
        self.taken.add(name)
        edits.replace(start, start + len("return"), f"{name} =")
        again = Edits(self.unit.text)
        again.put(site.call, name)
        end = statement.lineno if isinstance(statement, ast.If | ast.For) else statement.end_lineno
        if (site.call.end_lineno or 0) > (end or 0):
            raise Refusal
        return last, again.result().splitlines(keepends=True)[statement.lineno - 1 : end]

    def _target(self, statement: ast.stmt) -> str:
        """The name that the statement gives the value, when that is all it does."""
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
        elif isinstance(statement, ast.AnnAssign):
            target = statement.target
        else:
            return ""
        is_all = statement.value is self.site.call and isinstance(target, ast.Name)
        return ast.unparse(target) if is_all else ""
