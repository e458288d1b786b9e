"""The checklist form: what the law and the frameworks ask, answered field by field into the files of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from riskkit import catalog
from riskkit import workspace as workspaces
from riskkit.model.shown import Shown, folded, line, stacked, table
from riskkit.widgets.form import Form
from riskkit.widgets.twin import Facts, Twin


def checklist_form(
    project: str,
    *,
    frameworks: Iterable[str] = (),
    by: str = "",
    workspace: Path | None = None,
    today: Callable[[], date] = date.today,
) -> Twin:
    """A form over the requirements of ``frameworks`` (all when empty) that concern the project or may.

    Answers go to ``answers.yml`` and facts to ``profile.yml`` as they are given, signed with ``by`` (a role) and the
    day; comments, order and other entries stay. What is not whole yet is kept beside, in ``build/begun/``.
    """
    root = workspace or workspaces.find(Path.cwd()).root
    form = Form(root, project, catalog.load(root / "catalog"), tuple(frameworks), today)
    return Twin("checklist", form.facts(by), table=shown, step=form.step)


def shown(facts: Facts) -> Shown:
    """The form as tables: the same groups, items, statuses and reasons."""
    progress = "; ".join(f"{count} {what}" for what, count in facts["progress"])
    parts = [line(f"Checklist of {facts['project']} on {facts['as_of']}: {progress}.")]
    heads = ("item", "what", "applies", "status", "why", "by", "on")
    for group in facts["groups"]:
        rows = [
            (
                i["key"],
                i["title"],
                i.get("applies", ""),
                i["status"],
                i["why"],
                i.get("by", ""),
                i.get("on", ""),
            )
            for i in group["items"]
        ]
        away = [
            (key, title, "does not apply", "", why, "", "") for key, title, why, _ in group.get("away", ())
        ]
        parts.append(
            folded(f"{group['title']}: {group['counts']}", line(group["about"]), table(heads, rows + away))
        )
    return stacked(*parts)


def _applies(item: Facts) -> str:
    return ": ".join(filter(None, (item.get("applies", ""), item.get("concerns", ""))))
