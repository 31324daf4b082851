"""Statements share lines, and each line says between which rows of the source it stood."""

from tools.pack.lines import LINES_MAX, Place, close


def closed(text: str) -> list[tuple[str, Place]]:
    return close(text, [(row,) for row in range(1, text.count("\n") + 2)])


def test_simple_statements_share_a_line_with_the_head_of_their_block() -> None:
    text = "a = 1\n\nb = (\n    2,\n    3,\n)\nif a:\n    a = b  # why\n    b = 2\nc = 1\n"
    assert closed(text) == [
        ("a = 1; b = ( 2, 3, )\n", ((1,), 6)),
        ("if a: a = b; b = 2\n", ((7,), 9)),
        ("c = 1\n", ((10,), 10)),
    ]


def test_the_head_of_a_block_that_has_others_has_its_own() -> None:
    text = "while a:\n    a = b\n    if b:\n        b = 0\n    c = 1\n"
    assert closed(text) == [
        ("while a:\n", ((1,), 1)),
        ("    a = b\n", ((2,), 2)),
        ("    if b: b = 0\n", ((3,), 4)),
        ("    c = 1\n", ((5,), 5)),
    ]


def test_what_defines_keeps_its_line() -> None:
    text = "@property\ndef f(self):\n    a = 1\n    return a\n\n\nclass A:\n    b = 1\n"
    assert [line for line, _ in closed(text)] == [
        "@property\n",
        "def f(self):\n",
        "    a = 1; return a\n",
        "class A:\n",
        "    b = 1\n",
    ]


def test_what_a_line_stands_for_has_a_bound() -> None:
    rows = 3 * LINES_MAX
    text = "if a:\n" + "    a += 1\n" * rows
    found = closed(text)
    assert found[0] == ("if a:\n", ((1,), 1))
    assert [(place[0][0], place[1]) for _, place in found[1:]] == [
        (first, first + LINES_MAX - 1) for first in range(2, 2 + rows, LINES_MAX)
    ]


def test_a_text_over_several_lines_is_one_and_docstrings_are_gone() -> None:
    text = 'def f():\n    """Says."""\n    return """a;\n  "b\'\n"""\n\n\nclass A:\n    """Only."""\n'
    assert [line for line, _ in closed(text)] == [
        "def f():\n",
        "    return 'a;\\n  \"b\\'\\n'\n",
        "class A:\n",
        '    """Only."""\n',
    ]


def test_what_was_brought_from_elsewhere_does_not_share() -> None:
    origins = [(5,), (6, 20), (6, 21), (6,), (7,), (3,)]
    assert close("a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\n", origins) == [
        ("a = 1\n", ((5,), 5)),
        ("b = 2; c = 3\n", ((6, 20), 21)),
        ("d = 4; e = 5\n", ((6,), 7)),
        ("f = 6\n", ((3,), 3)),  # not a range that begins behind its end
    ]


def test_the_notes_of_a_class_with_methods_go_where_it_begins() -> None:
    assert closed("class A:\n    x = 1\n    def f(self):\n        pass\n") == [
        ("class A:\n", ((1,), 1)),
        ("    del __module__, __qualname__; x = 1\n", ((1,), 2)),
        ("    def f(self):\n", ((3,), 3)),
        ("        pass\n", ((4,), 4)),
    ]
