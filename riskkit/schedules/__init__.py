"""Ready files for whatever starts commands at a time: cron, systemd, CI services, Airflow, Kubernetes."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from riskkit import authored
from riskkit.errors import InputError, UsageError
from riskkit.model.schedule import Schedule, Weekday
from riskkit.schedules import notify

__all__ = ["FILE", "kinds", "notify", "places", "read", "render"]

FILE = "schedule.yml"
_PLACE = re.compile(r"@([A-Z_]+)(?:\|([a-z]+))?@")


def read(root: Path) -> Schedule | None:
    """What the workspace's ``schedule.yml`` says, or None without one.

    Raises:
        InputError: it is not of the form; every mistake with its line.
    """
    if not (root / FILE).exists():
        return None
    found, problems = authored.read(root / FILE, Schedule, shown=FILE)
    if problems:
        raise InputError(problems)
    return found


def kinds(templates: Path) -> list[str]:
    """The kinds there are: the folders of ``templates``."""
    return sorted(p.name for p in templates.iterdir() if p.is_dir()) if templates.is_dir() else []


def render(templates: Path, kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """Name to text of the files of one kind: its ``*.in``, each ``@PLACE@`` filled in.

    ``@PLACE|quoting@`` quotes the value for where it stands: ``sh``, ``cron``, ``systemd``, ``json`` or ``python``.

    Raises:
        UsageError: there is no such kind, or a value holds a control character.
    """
    if kind not in kinds(templates):
        raise UsageError(f"there is no schedule {kind!r:.40} (one of {', '.join(kinds(templates))})")
    if odd := [name for name, value in values.items() if re.search(r"[\x00-\x1f\x7f]", value)]:
        raise UsageError(f"{odd[0].lower()} holds a control character: {values[odd[0]]!r:.80}")

    def fill(found: re.Match[str]) -> str:
        return QUOTED[found[2] or "plain"](values[found[1]])

    files = sorted((templates / kind).glob("*.in"))
    return {p.stem: _PLACE.sub(fill, p.read_text(encoding="utf-8")) for p in files}


def places(schedule: Schedule) -> dict[str, str]:
    """What ``schedule`` fills in: hour, minute, and the days as cron and systemd write them."""
    hour, minute = (str(int(part)) for part in schedule.at.split(":"))
    every = len(set(schedule.days)) == len(Weekday)
    numbers = sorted((list(Weekday).index(day) + 1) % 7 for day in set(schedule.days))
    return {
        "AT": schedule.at,
        "HOUR": hour,
        "MINUTE": minute,
        "CRON_DAYS": "*" if every else ",".join(map(str, numbers)),
        "SYSTEMD_DAYS": ""
        if every
        else ",".join(d.value.title() for d in Weekday if d in schedule.days) + " ",
        "LATE_SECONDS": str(schedule.grace_hours * 3600),
    }


def _systemd(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


QUOTED: dict[str, Callable[[str], str]] = {
    "plain": str,
    "sh": shlex.quote,
    "cron": lambda text: shlex.quote(text).replace("%", r"\%"),
    "systemd": _systemd,
    "path": lambda text: text.replace("%", "%%"),
    "json": json.dumps,
    "python": repr,
}
"""How a value is written where it stands; in YAML, JSON's quoting is understood."""
