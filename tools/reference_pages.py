"""Write docs/reference: settings, metrics, commands, refusals and keys, made from the code (`make reference`).

What these pages say stands in the code once; a test fails when a page is not what the code says.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fengqiao.domain.desk_sentences import DESK_SENTENCES
from fengqiao.domain.edition_sentences import EDITION_SENTENCES
from fengqiao.domain.errors import Kind
from fengqiao.domain.fact_sentences import FACT_SENTENCES
from fengqiao.domain.limit_sentences import LIMIT_SENTENCES
from fengqiao.domain.sentences import SENTENCES
from fengqiao.domain.supervision_sentences import SUPERVISION_SENTENCES
from fengqiao.domain.words import Language
from fengqiao.entry.cli.speech import EXIT_CODES, EXIT_WRONG
from fengqiao.entry.setting_words import SECRET, meaning_of
from fengqiao.entry.settings import Settings
from fengqiao.observe.feed_metrics import FEED_METRICS
from fengqiao.observe.limit_metrics import LIMIT_METRICS
from fengqiao.observe.metric import Metric
from fengqiao.observe.metrics import METRICS
from fengqiao.observe.supervision_metrics import SUPERVISION_METRICS
from fengqiao.rpc.errors import CODES
from fengqiao.web.desk.door import STATUS
from fengqiao.web.desk.keys import KEYS
from fengqiao.web.desk.texts import TEXTS
from tools.command_tree import Command, spoken_commands
from tools.metric_words import CHINESE as METRIC_WORDS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- 由 tools/reference_pages.py 生成，不要手改。 Made by `make reference`; change the code instead. -->"


def made() -> dict[str, str]:
    """Make all pages: name of the file and its text."""
    chinese, english = (spoken_commands(language) for language in (Language.ZH, Language.EN))
    return {
        "settings.md": settings_page(),
        "metrics.md": metrics_page(),
        "commands.md": commands_page(chinese, english),
        "errors.md": errors_page(),
        "keys.md": keys_page(),
    }


def settings_page() -> str:
    """Every setting with its variable, default, meaning and whether it is secret."""
    fields = Settings.model_fields
    rows = (
        (
            f"`{name}` <br>`FENGQIAO_{name.upper()}`" + (" <br>密 secret" if name in SECRET else ""),
            _default(fields[name].default),
            f"{meaning_of(name, Language.ZH)} <br>{meaning_of(name, Language.EN)}",
        )
        for name in fields
    )
    return _page(
        "设置 Settings",
        f"共 {len(fields)} 项。依次取：命令的选项、`FENGQIAO_…` 环境变量、"
        "systemd 凭据、TOML 文件；先取到的算数。"
        "TOML 文件是 `FENGQIAO_SETTINGS` 所指的，否则是当前目录的 `fengqiao.toml`。启动时全部检查，"
        "错的逐项指出，一项错就不启动。`fengqiao settings` 列出现值，密的不显示。",
        f"{len(fields)} settings. Options of a command come first, then `FENGQIAO_…` variables, "
        "credentials of systemd, a TOML file: "
        "the one that `FENGQIAO_SETTINGS` names, else `fengqiao.toml` in the folder. All are checked at the start, "
        "and every wrong one is named. `fengqiao settings` lists what is in force and hides what is secret. Several "
        "values in a variable are set apart by commas.",
        _table(("设置、变量 setting, variable", "缺省 default", "含义 meaning"), rows),
        "`FENGQIAO_LANG`（`zh` 或 `en`）不在其中：它只定命令行说哪种话，缺省看 `LC_ALL`、`LANG`。",
        "`FENGQIAO_LANG` (`zh` or `en`) is none of them: it says which language the command line speaks.",
    )


def metrics_page() -> str:
    """Every metric with its kind, labels, meaning and remedy."""
    groups: tuple[tuple[str, Sequence[Metric]], ...] = (
        ("时限 Time limits", LIMIT_METRICS),
        ("督办与扣分 Supervision", SUPERVISION_METRICS),
        ("统计事实 Feeds", FEED_METRICS),
    )
    elsewhere = {metric.name for _, metrics in groups for metric in metrics}
    rest = [metric for metric in METRICS if metric.name not in elsewhere]
    sections = (
        f"## {title}\n\n{_table(('指标 metric', '含义 meaning', '怎么办 what to do'), map(_metric_row, metrics))}"
        for title, metrics in (("节点、消息与诉求件 Node, messages, cases", rest), *groups)
    )
    return _page(
        "指标 Metrics",
        f"共 {len(METRICS)} 个，在 `/metrics`（整个进程）和 `/CODE/metrics`（一个中心）。每个都带标签 `centre`；"
        "下面只列其余标签。架设与警报见 [监控](../monitoring.md)，每个警报的处置见 [处置手册](../runbooks/README.md)。",
        f"{len(METRICS)} metrics, at `/metrics` for the process and at `/CODE/metrics` for a centre. Each has the "
        "label `centre`; the others are named below. [Monitoring](../monitoring.md) tells how to scrape them, the "
        "[runbooks](../runbooks/README.md) what to do about each alert.",
        *sections,
    )


def commands_page(chinese: Command, english: Command) -> str:
    """Every command with its arguments and options, in both languages."""
    return _page(
        "命令 Commands",
        "每条命令都有 `--help`，按系统语言说中文或英文；以 0 结束为办成，1 为所问不成立，2 为用法不对。"
        "参数之外的一切取自 [设置](settings.md)。",
        "Each has `--help` in the language of the locale, and ends with 0, with 1 when something is wrong, with 2 when "
        "it was used wrongly. Everything that is no option comes from the [settings](settings.md).",
        *_command_sections("fengqiao", chinese, english),
    )


def errors_page() -> str:
    """Every refusal with its sentence in both languages, and what a kind is on each way in."""
    kinds = _table(
        ("类 kind", "HTTP", "gRPC", "命令退出码 exit"),
        (
            (f"`{kind.value}`", str(STATUS[kind]), CODES[kind].name, str(EXIT_CODES.get(kind, EXIT_WRONG)))
            for kind in Kind
        ),
    )
    groups: tuple[tuple[str, Mapping[str, tuple[str, str]]], ...] = (
        ("时限 Time limits", LIMIT_SENTENCES),
        ("督办与扣分 Supervision", SUPERVISION_SENTENCES),
        ("目录与分流规则 Catalogue and routing", EDITION_SENTENCES),
        ("列表 Lists", DESK_SENTENCES),
        ("统计、报告与查询 Figures, reports, queries", FACT_SENTENCES),
    )
    elsewhere = {code for _, sentences in groups for code in sentences}
    rest = {code: said for code, said in SENTENCES.items() if code not in elsewhere}
    sections = (
        f"## {title}\n\n" + _table(("代码 code", "句子 sentence"), _sentence_rows(sentences))
        for title, sentences in (("办件、消息、登录、导入 Cases, messages, sign-in, import", rest), *groups)
    )
    return _page(
        "不予办理的理由 Refusals",
        "系统不办一件事时，总说一句话：出了什么事、该怎么办，并且什么也没有改动。"
        f"下面是全部 {len(SENTENCES)} 句；花括号里的由当时的情况填上。",
        "A refusal is a sentence that says what happened and what to do; nothing was changed. These are all "
        f"{len(SENTENCES)}; what stands in braces is filled in. gRPC carries the code in `ErrorInfo.reason`.",
        f"## 类 Kinds\n\n{kinds}",
        *sections,
    )


def keys_page() -> str:
    """Every key of the desk."""
    rows = ((f"`{key}`", *TEXTS[f"key.{key}"]) for key in KEYS)
    return _page(
        "快捷键 Keys",
        "在工作台任何一页按 `?` 也能看到。在输入框里时不起作用，按 `Esc` 离开输入框。只有当时能办的才有反应。",
        "`?` shows them on any page of the desk. They rest while you type; `Esc` leaves the field.",
        _table(("键 key", "做什么", "what it does"), rows),
    )


def main() -> int:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in made().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"docs/reference/{name}: {len(text.splitlines())} lines")
    return 0


def _command_sections(path: str, chinese: Command, english: Command, depth: int = 2) -> Iterator[str]:
    for name, command in english["commands"].items():
        spoken = chinese["commands"][name]
        text = f"{'#' * depth} `{path} {name}`\n\n{spoken['help']} {command['help']}"
        rows = [
            (
                " ".join(f"`{each}`" for each in one["names"]) + (f" {one['value']}" if one["value"] else ""),
                f"{other['help']} <br>{one['help']}" if one["help"] else "",
                f"`{one['default']}`" if one["default"] else ("必填 required" if one["required"] else ""),
            )
            for one, other in zip(command["parameters"], spoken["parameters"], strict=True)
        ]
        yield text + (f"\n\n{_table(('参数 parameter', '含义 meaning', '缺省 default'), rows)}" if rows else "")
        yield from _command_sections(f"{path} {name}", spoken, command, min(depth + 1, 3))


def _metric_row(metric: Metric) -> tuple[str, ...]:
    chinese, remedy = METRIC_WORDS[metric.name]
    labels = "、".join(f"`{label}`" for label in metric.labels)
    return (
        f"`{metric.name}` <br>{metric.kind.value}" + (f"，{labels}" if labels else ""),
        f"{chinese} <br>{metric.meaning}",
        f"{remedy} <br>{metric.remedy}",
    )


def _sentence_rows(sentences: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((f"`{code}`", f"{chinese} <br>{english}") for code, (chinese, english) in sentences.items())


def _default(value: object) -> str:
    words = ",".join(value) if isinstance(value, tuple) else str(value)
    return f"`{words}`" if words else "空 empty"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *lines])


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE, *parts]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
