"""A module fits in a head, a function on a screen."""

from collections.abc import Iterator

from tools.tidy.source import Fault, Source

MODULE_LINES = 200
TEST_LINES = 300  # a test file follows its module case by case and is read a case at a time
FUNCTION_LINES = 70


def module_length(source: Source) -> Iterator[Fault]:
    count = len(source.lines)
    limit = TEST_LINES if source.area == "tests" else MODULE_LINES
    if count > limit:
        message = f"{count} lines, at most {limit}: split the module by its subjects"
        yield Fault("module-length", source.path, count, message)


def function_length(source: Source) -> Iterator[Fault]:
    for name, node in source.functions():
        count = (node.end_lineno or node.lineno) - node.lineno + 1
        if count > FUNCTION_LINES:
            message = f"{name} has {count} lines, at most {FUNCTION_LINES}: give its steps names of their own"
            yield Fault("function-length", source.path, node.lineno, message, name)
