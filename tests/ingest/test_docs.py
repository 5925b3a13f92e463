"""The table of faults in the guide names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
GUIDE = HERE.parents[1] / "docs" / "ingest.md"
NAMED = re.compile(r"`(?P<file>[./a-z_]+\.py)::(?P<test>test_\w+)(?:\[(?P<case>[^\]]+)\])?`")
ROW = re.compile(r"^\| (?!fault \|)(?!-)[^|]+ \| [^|]+ \| (?P<tests>[^|]+) \|$", re.MULTILINE)


def table():
    """The part of the guide that is about faults."""
    text = GUIDE.read_text(encoding="utf-8")
    return text[text.index("## Faults") : text.index("## Proof")]


def named():
    return sorted({found.groups(default="") for found in NAMED.finditer(table())})


def functions(path):
    return {
        node.name: node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }


def words_of(path, test):
    """Texts in the test's decorators, and in the tables of its file that they may name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables = [node for node in tree.body if isinstance(node, ast.Assign)]
    for node in [*functions(path)[test].decorator_list, *tables]:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant):
                yield str(inner.value)


@pytest.mark.parametrize(("file", "test", "case"), named())
def test_a_test_that_the_table_names_exists_with_its_case(file, test, case):
    path = HERE / file
    assert test in functions(path)
    assert not case or case in set(words_of(path, test))


def test_every_row_names_a_test():
    rows = ROW.findall(table())
    assert len(rows) > 70
    assert [row for row in rows if not NAMED.search(row)] == []
