"""SQL stands in named blocks of `store/sql/*.sql`: none in Python, none without a user, no use without a block."""

import ast
import re
from collections import Counter

import pytest

from tests.tidy.names import full_name, imported
from tests.tidy.tree import PACKAGE, ROOT, Module, files, modules, package_modules, parsed, report

FOLDER = f"{PACKAGE}/store/sql/"
BLOCK = re.compile(r"^-- name: (\S+)$", re.MULTILINE)
READER = "read_statements"

# The beginning of a statement; its first word is all lower or all upper: "Select a case from the list" is a sentence.
BEGINNINGS = (
    r"select\s.*\bfrom\b",
    r"select\s+[\w.]+\(",
    r"select\s+1\b",
    r"insert\s+into\s",
    r"update\s+[\w.{}]+\s+set\s",
    r"delete\s+from\s",
    r"with\s+\w+\s+as\s*\(",
    r"truncate\s+\w",
    r"(create|alter|drop)\s+(unique\s+)?(table|database|index|role|user|schema|extension|function|view|type)\b",
)
ABOUT_DATABASES = re.compile(r"(CREATE|ALTER|DROP) (DATABASE|ROLE)\b")
STATEMENT = re.compile("|".join(BEGINNINGS), re.DOTALL | re.IGNORECASE)


def is_statement(text: str) -> bool:
    """Say whether a text begins like an SQL statement."""
    start = text.lstrip()
    word = start.split(maxsplit=1)[0] if start else ""
    return word in {word.lower(), word.upper()} and STATEMENT.match(start) is not None


def docstrings(tree: ast.Module) -> set[int]:
    """The ids of nodes that are only read by people: texts that stand alone as a statement."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def with_names(module: Module) -> set[int]:
    """The ids of texts in `sql.SQL("CREATE DATABASE {}")` of the store: a database's name can't be a parameter."""
    names = imported(module.tree)
    return {
        id(call.args[0])
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and module.room == "store" and full_name(call.func, names) == "psycopg.sql.SQL"
        if call.args and isinstance(call.args[0], ast.Constant) and ABOUT_DATABASES.match(str(call.args[0].value))
    }


def sql_in_python(module: Module) -> list[str]:
    """Each text of the file that is an SQL statement."""
    exempt = docstrings(module.tree) | with_names(module)
    return [
        f"{module.path}:{node.lineno}: move the statement to a named block in {FOLDER}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in exempt and is_statement(node.value)
    ]


def composed_sql(module: Module) -> list[str]:
    """Each statement put together from pieces by an f-string, `%` or `.format`: values go in as parameters."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant):
            text = str(node.left.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            text = str(node.func.value.value) if isinstance(node.func.value, ast.Constant) else ""
        else:
            continue
        if is_statement(text):
            found.append(f"{module.path}:{node.lineno}: give values to SQL as parameters, never as text")
    return found


def blocks() -> set[tuple[str, str]]:
    """(table, block) for every named block."""
    return {(table, block) for table, names in block_names().items() for block in names}


def block_names() -> dict[str, list[str]]:
    """Table -> names of its blocks, in the order of the file."""
    paths = [name for name in files() if name.startswith(FOLDER) and name.endswith(".sql")]
    return {path.removeprefix(FOLDER)[:-4]: BLOCK.findall((ROOT / path).read_text("utf-8")) for path in paths}


def readers(tree: ast.Module) -> dict[str, str]:
    """Name of a variable -> table whose blocks it holds."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (table := table_read(node.value)):
            found |= {full_name(target, {}): table for target in node.targets}
    return found


def table_read(node: ast.AST) -> str:
    """The table that a call of the reader names, or ""."""
    if isinstance(node, ast.Call) and full_name(node.func, {}).endswith(READER) and node.args:
        return str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else ""
    return ""


def uses(module: Module) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(certain, possible) uses of blocks; possible where a name is only known at run time."""
    variables = readers(module.tree)
    texts = {
        node.value for node in ast.walk(module.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    certain: set[tuple[str, str]] = set()
    possible: set[tuple[str, str]] = set()
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Subscript):
            continue
        table = variables.get(full_name(node.value, {})) or table_read(node.value)
        if table and isinstance(node.slice, ast.Constant):
            certain.add((table, str(node.slice.value)))
        elif table:
            possible |= {(table, text) for text in texts}
    return certain, possible


def test_no_sql_stands_in_python() -> None:
    findings = [finding for module in package_modules() for finding in sql_in_python(module)]
    assert not findings, report(findings)


def test_no_statement_is_put_together_from_values() -> None:
    findings = [finding for module in modules() for finding in composed_sql(module)]
    assert not findings, report(findings)


def test_every_block_has_a_name_of_its_own() -> None:
    findings = [
        f"{FOLDER}{table}.sql: {name} stands there {count} times"
        for table, names in block_names().items()
        for name, count in Counter(names).items()
        if count > 1
    ]
    assert not findings, report(findings)


def test_every_block_is_used() -> None:
    used = set().union(*(set().union(*uses(module)) for module in modules()))
    findings = [f"{FOLDER}{table}.sql: nothing uses {name}" for table, name in sorted(blocks() - used)]
    assert not findings, report(findings)


def test_every_block_that_is_used_exists() -> None:
    findings = [
        f"{module.path}: {table}.sql has no block {name}"
        for module in modules()
        for table, name in sorted(uses(module)[0] - blocks())
    ]
    assert not findings, report(findings)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM case_file",
        "select id\nfrom case_file",
        "insert into outbox (id) values (1)",
        "UPDATE edge SET sent_seq = 1",
        "DELETE FROM inbox",
        "WITH mine AS (SELECT 1) SELECT 1",
        "CREATE UNIQUE INDEX x ON y (z)",
        "SELECT 1",
        "DROP DATABASE x",
    ],
)
def test_a_statement_is_recognised(text: str) -> None:
    assert sql_in_python(parsed(f"{PACKAGE}/store/case.py", f"X = {text!r}"))


def test_a_statement_about_a_named_database_may_stand_in_the_store() -> None:
    code = "from psycopg import sql\nx = sql.SQL('CREATE DATABASE {}').format(sql.Identifier('a'))"
    assert sql_in_python(parsed(f"{PACKAGE}/store/template.py", code)) == []
    assert sql_in_python(parsed(f"{PACKAGE}/entry/node.py", code))


@pytest.mark.parametrize("text", ["Select a case from the list", "update", "with care", "Delete from here on", "选择"])
def test_a_sentence_is_no_statement(text: str) -> None:
    assert not is_statement(text)


@pytest.mark.parametrize(
    "code",
    ["x = f'SELECT a FROM {table}'", "x = 'DELETE FROM %s' % table", "x = 'DELETE FROM {}'.format(table)"],
)
def test_a_composed_statement_is_found(code: str) -> None:
    assert composed_sql(parsed(f"{PACKAGE}/store/case.py", code))


def test_a_use_is_seen_by_constant_and_by_name_at_run_time() -> None:
    code = "_SQL = read_statements('edge')\n_SQL['due']\nfor name in ('ahead',):\n    _SQL[name]"
    certain, possible = uses(parsed(f"{PACKAGE}/store/edges.py", code))
    assert certain == {("edge", "due")}
    assert ("edge", "ahead") in possible
