"""A module fits in a head, a function on a screen."""

from collections.abc import Iterator

from tools.tidy.source import Fault, Source

MODULE_LINES = 200
FUNCTION_LINES = 70


def module_length(source: Source) -> Iterator[Fault]:
    count = len(source.lines)
    if count > MODULE_LINES:
        message = f"{count} lines, at most {MODULE_LINES}: split the module by its subjects"
        yield Fault("module-length", source.path, count, message)


def function_length(source: Source) -> Iterator[Fault]:
    for name, node in source.functions():
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        if count > FUNCTION_LINES:
            message = f"{name} has {count} lines, at most {FUNCTION_LINES}: give its steps names of their own"
            yield Fault("function-length", source.path, node.lineno, message, name)
