"""What tests of books do again and again: change a row, publish a draft."""

from dataclasses import replace

from fengqiao.domain.edition import Book, Edition, PublishDraft, PutRow, Sheet, SheetField, sheet_row
from fengqiao.handlers import edition as editions
from fengqiao.handlers.context import Actor, Context
from tests.node.rig import CLERK

COLLEAGUE = Actor("赵刚")


async def renamed(context: Context, item: str, name: str) -> Edition:
    """Give an item another name, in the draft."""
    row = next(row for row in context.handbook.catalogue.rows if row.key == (Sheet.ITEM, item))
    changed = replace(row, values={**row.values, SheetField.NAME: name})
    return await editions.carry_out(context, PutRow(changed, Book.CATALOGUE, row.mark), CLERK)


async def published(context: Context, item: str, name: str) -> Edition:
    """Publish a catalogue in which an item has another name."""
    await renamed(context, item, name)
    return await editions.carry_out(context, PublishDraft(Book.CATALOGUE), COLLEAGUE)


async def routed(context: Context, code: str, order: int, **values: str) -> Edition:
    """Write a routing rule into the draft."""
    row = sheet_row(Sheet.ROUTE, code, {"name": f"规则{code}", "order": str(order), **values})
    return await editions.carry_out(context, PutRow(row, Book.ROUTING), CLERK)


async def routing_published(context: Context, *rules: dict[str, str]) -> Edition:
    """Publish routing rules in their order."""
    for order, rule in enumerate(rules, 1):
        await routed(context, f"r{order}", order, **rule)
    return await editions.carry_out(context, PublishDraft(Book.ROUTING), COLLEAGUE)
