"""What every OSCAL document of ours begins with, and how its parts are named."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from riskkit.exporters._plain_markdown import marked_down
from riskkit.model import Register
from riskkit.model.workbook import clean

VERSION = "1.2.1"
NAMESPACE = "urn:riskkit:oscal"
_ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)


def uid(*parts: object) -> str:
    """The identifier that these words always have."""
    return str(uuid.uuid5(_ROOT, "\x1f".join(map(str, parts)).encode("utf-8", "backslashreplace").decode()))


def token(text: str) -> str:
    """``text`` as an OSCAL token."""
    kept = re.sub(r"[^A-Za-z0-9._-]", "-", text)
    return kept if re.match(r"[A-Za-z_]", kept) else "_" + kept


def line(text: object) -> str:
    """``text`` as a value: one line, never empty."""
    return " ".join(clean(str(text)).split()) or "not known"


def prose(text: object) -> str:
    """``text`` as markup in which nothing acts, never empty."""
    return marked_down(clean(str(text))) or "not known"


def moment(day: date) -> str:
    """Midnight of ``day``, as OSCAL writes it."""
    return f"{day:%Y-%m-%d}T00:00:00Z"


def props(values: Mapping[str, object]) -> list[dict[str, str]]:
    """Those of ``values`` that are known."""
    return [
        {"name": token(name), "ns": NAMESPACE, "value": line(value)}
        for name, value in values.items()
        if value is not None and value != ""
    ]


def plan_id(names: Iterable[str]) -> str:
    """The identifier of what takes the place of an assessment plan."""
    return uid("plan", *names)


def head(kind: str, title: str, register: Register, names: Iterable[str]) -> dict[str, Any]:
    """Identifier and metadata."""
    names = list(names)
    what = ", ".join(p.profile.name for p in register.projects)
    return {
        "uuid": uid(kind, register.as_of, *names),
        "metadata": {
            "title": prose(f"{title}: {what}"),
            "last-modified": moment(register.as_of),
            "version": register.as_of.isoformat(),
            "oscal-version": VERSION,
            "props": props({"kit-version": register.kit_version, "register-sha256": register.sha256}),
            "remarks": "Made from a risk register. Evidence, not certification; not legal advice.",
        },
    }


def back_matter(names: Iterable[str]) -> dict[str, Any]:
    """The resource that stands for the assessment plan."""
    names = list(names)
    about = (
        "What is assessed, and how, is declared in the profile of each project; there is no plan in OSCAL."
    )
    links = [{"href": f"projects/{name}/profile.yml"} for name in names]
    made = {"uuid": plan_id(names), "title": "Profiles", "description": about, "rlinks": links}
    return {"resources": [made if links else {k: v for k, v in made.items() if k != "rlinks"}]}
