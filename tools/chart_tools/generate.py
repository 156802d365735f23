"""Write the parts of the charts that are made of other parts; `make charts` runs this and the results are committed.

What a node may be given stands once, in the schema of fengqiao-node; that of fengqiao-federation has a copy, because a
JSON schema in a chart cannot refer to a file of another one. The tables of charts/README.md are made of the comments in
each values.yaml. tests/chart fails when one of them is stale.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CHARTS = Path(__file__).resolve().parents[2] / "charts"
NOT_IN_A_FEDERATION = ("centre", "fengqiao-lib", "global", "place", "topology")
"""What each centre of a federation is given by the chart itself."""

COMMENT = re.compile(r"^(?P<indent> *)# -- (?P<text>.+)$")
KEY = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z0-9_.-]+|\"[^\"]+\"):")
TABLE = re.compile(r"(<!-- values of (?P<chart>[a-z-]+) -->\n).*?(<!-- end of values -->)", re.DOTALL)


def main() -> int:
    """Write everything that is stale and tell which."""
    for path, text in generated().items():
        if path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"charts: wrote {path.relative_to(CHARTS)}")
    return 0


def generated() -> Mapping[Path, str]:
    """Give each generated file with what it should hold."""
    readme = CHARTS / "README.md"
    return {
        CHARTS / "fengqiao-federation" / "values.schema.json": federation_schema(),
        readme: TABLE.sub(
            lambda found: f"{found[1]}{values_table(found['chart'])}{found[3]}", readme.read_text("utf-8")
        ),
    }


def federation_schema() -> str:
    """Give the schema of the federation with that of a node, in which nothing is required, copied in."""
    node = _schema("fengqiao-node")
    properties = {name: rule for name, rule in node["properties"].items() if name not in NOT_IN_A_FEDERATION}
    schema = _schema("fengqiao-federation")
    as_part = {"type": "object", "additionalProperties": False, "properties": properties}
    schema["definitions"] = {"node": as_part, **node["definitions"]}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def values_table(chart: str) -> str:
    """Give the table of a chart's values: path, default, meaning."""
    path = CHARTS / chart / "values.yaml"
    rows = [
        f"| `{'.'.join(keys)}` | `{json.dumps(value, ensure_ascii=False)}` | {text} |"
        for keys, value, text in documented(path)
    ]
    return "\n".join(["| value | default | meaning |", "|---|---|---|", *rows]) + "\n"


def documented(path: Path) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    """Give each value that a comment stands above: its path, its default and the comment."""
    values = yaml.safe_load(path.read_text("utf-8"))
    above: list[tuple[int, str]] = []
    text = ""
    for line in path.read_text("utf-8").splitlines():
        if comment := COMMENT.match(line):
            text = comment["text"].replace("|", "\\|")
        elif key := KEY.match(line):
            indent = len(key["indent"])
            above = [*((depth, name) for depth, name in above if depth < indent), (indent, key["key"].strip('"'))]
            if text:
                keys = tuple(name for _, name in above)
                yield keys, _at(values, keys), text
            text = ""


def _at(values: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        values = values[key]
    return values


def _schema(chart: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CHARTS / chart / "values.schema.json").read_text("utf-8"))
    return read


if __name__ == "__main__":
    sys.exit(main())
