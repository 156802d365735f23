"""`fengqiao routing`: the routing rules of a centre, and what they would have said about its past cases (F10)."""

import asyncio
from typing import Annotated, Any

import typer

from fengqiao.domain.edition import Book, Sheet
from fengqiao.domain.routing import Target, route_book
from fengqiao.domain.routing_trial import Trial, Tried
from fengqiao.entry.cli.catalogue import edition_fields
from fengqiao.entry.cli.limits import AsJson, Data, federation_of
from fengqiao.entry.cli.speech import refusals_told, said, tell, tell_json
from fengqiao.entry.edition_lookup import DRAFT, IN_FORCE, edition_at, trial_at
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.lists import load_topology
from fengqiao.entry.settings import load_settings
from fengqiao.insight.routing import CASES_LIMIT, CASES_TRIED

app = typer.Typer(help=said("分流规则。", "Routing rules."), no_args_is_help=True)
Centre = Annotated[str, typer.Option("--centre", help=said("中心代码。", "The code of the centre."))]


def add_to(main: typer.Typer) -> None:
    """Add the group to the main command."""
    main.add_typer(app, name="routing")


@app.command("list", help=said("按顺序列出一个中心的规则。", "List the rules of a centre in their order."))
def list_rules(
    centre: Centre,
    which: Annotated[
        str, typer.Option("--edition", help=said("版次、draft 或 in-force。", "A number, draft, or in-force."))
    ] = IN_FORCE,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List routing rules."""
    with refusals_told():
        settings = load_settings(data=data)
        federation = federation_of(settings, load_topology(settings))
        handbook = load_handbook(settings.handbook_file)
        edition = asyncio.run(edition_at(federation, centre, Book.ROUTING, which, handbook)).edition
        if as_json:
            tell_json(edition_fields(edition, (Sheet.ROUTE,)))
            return
        book = route_book(edition.version, edition.sheet(Sheet.ROUTE))
        for route in book.routes:
            earlier = book.shadowed.get(route.code)
            never = said("（用不到：", " (never reached: ") + ", ".join(earlier) + said("）", ")") if earlier else ""
            tell(f"{route.order:>4}  {route.code}  {route.name} → {_target(route.target)}{never}")
        if not book.routes:
            tell(said("没有规则。", "There are no rules."))


@app.command("try", help=said("用过去的诉求件试算规则。", "Try the rules against past cases."))
def try_rules(
    centre: Centre,
    cases: Annotated[
        int, typer.Option("--cases", min=1, max=CASES_LIMIT, help=said("最近多少件。", "How many of the newest."))
    ] = CASES_TRIED,
    published: Annotated[
        bool, typer.Option("--published", help=said("试现行规则，而不是草稿。", "Those in force, not the draft."))
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Try routing rules."""
    with refusals_told():
        settings = load_settings(data=data)
        federation = federation_of(settings, load_topology(settings))
        handbook = load_handbook(settings.handbook_file)
        which = IN_FORCE if published else DRAFT
        trial = asyncio.run(trial_at(federation, centre, which, cases, handbook))
        if as_json:
            tell_json(trial_fields(trial))
            return
        for line in trial_lines(trial):
            tell(line)


def trial_lines(trial: Trial) -> list[str]:
    """Say what came out of a trial, for people."""
    return [
        f"{said('看过', 'looked at')} {trial.looked_at}",
        f"{said('与实际相同', 'as it was done')} {len(trial.same)}/{trial.compared}",
        f"{said('尚未派出', 'not sent yet')} {len(trial.open)}",
        f"{said('没有规则符合', 'no rule matches')} {len(trial.unmatched)}",
        *(f"{said('用不到', 'never reached')}: {o.route.code} ← {', '.join(o.earlier)}" for o in trial.never_reached),
        *(f"  {o.case.number} {_target(o.case.done)} → {_target(o.suggested)} [{o.route.code}]" for o in trial.other),
    ]


def trial_fields(trial: Trial) -> dict[str, Any]:
    """Give what came out of a trial, for a program."""
    return {
        "looked_at": trial.looked_at,
        "same": len(trial.same),
        "compared": trial.compared,
        "other": [_tried(one) for one in trial.other],
        "open": [_tried(one) for one in trial.open],
        "unmatched": [{"number": one.number, "done": _target(one.done)} for one in trial.unmatched],
        "routes": [
            {"code": one.route.code, "matched": one.matched, "same": one.same, "never_reached_for": list(one.earlier)}
            for one in trial.routes
        ],
    }


def _tried(one: Tried) -> dict[str, str]:
    return {
        "number": one.case.number,
        "rule": one.route.code,
        "suggested": _target(one.suggested),
        "done": _target(one.case.done),
    }


def _target(target: Target) -> str:
    return target.unit or target.to or "-"
