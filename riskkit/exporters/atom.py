"""What happened, as an Atom feed: ``feed.xml``."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from riskkit.errors import printable
from riskkit.exporters._sources import Sources
from riskkit.exporters._words import sentence, words
from riskkit.model import ProjectRegister, Register

SPACE = uuid.UUID("6f1d6c0e-0f55-5c0a-9d5e-2f6e0b8a7c11")
"""The ids of a feed's entries are drawn from here by name, so that what is told twice has one id."""

MOST = 200
"""How many entries a feed has; readers of feeds keep what they saw before."""

_NOT_IN_XML = dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd")
_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day, and the page that shows it."""

    key: str
    when: datetime
    title: str
    text: str
    href: str


def export(register: Register, out: Path, *, sources: Sources) -> list[Path]:
    """Write ``feed.xml``: runs, decisions, findings and rows that moved since the snapshot, the latest first.

    Each entry keeps its id and carries the date of what happened, never that of the build, so equal registers give
    equal bytes. Links are relative to where the feed lies.
    """
    del sources
    events = [event for project in register.projects for event in _events(project, register.as_of)]
    events += _moves(register)
    events.sort(key=lambda event: event.key)
    events.sort(key=lambda event: event.when, reverse=True)
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _texts(feed, id=_id("feed"), title="Model risk register", updated=_stamp(_latest(events, register)))
    ET.SubElement(feed, "link", {"rel": "self", "href": "feed.xml"})
    ET.SubElement(ET.SubElement(feed, "author"), "name").text = "riskkit"
    for event in events[:MOST]:
        entry = ET.SubElement(feed, "entry")
        _texts(entry, id=_id(event.key), title=event.title, updated=_stamp(event.when), summary=event.text)
        ET.SubElement(entry, "link", {"rel": "alternate", "href": event.href})
    ET.indent(feed)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "feed.xml"
    path.write_bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True) + b"\n")
    return [path]


def _events(project: ProjectRegister, as_of: date) -> Iterator[Event]:
    """What happened to one system until ``as_of``."""
    profile = project.profile
    page = f"projects/{profile.id}/index.html"
    for run in project.latest:
        said = f"{len(run.conclusion.measurements)} measurements" if run.conclusion else run.run.reason
        yield Event(
            key=f"run/{profile.id}/{run.folder or run.sha256}",
            when=run.run.ended,
            title=f"{profile.name}: {words(run.assessment)} {_outcome(run.run.status.value)}",
            text=said or "no conclusion",
            href=f"evidence/{run.folder}/index.html" if run.folder else f"{page}#runs",
        )
    for s in project.decisions:
        d = s.decision
        yield Event(
            key=f"decision/{profile.id}/{d.id}",
            when=_noon(d.decided_on),
            title=f"{profile.name}: {words(d.type.value)} {d.subject}, {words(d.outcome.value)}",
            text=f"by {d.decided_by}{f', until {d.expires_on}' if d.expires_on else ''}. {d.rationale}",
            href=f"{page}#decision-{d.id}",
        )
    for f in project.findings:
        told = (("raised", f.raised_on, f.raised_by), ("closed", f.closed_on, f.closed_by))
        for what, day, by in told:
            if day and by and day <= as_of:
                yield Event(
                    key=f"finding/{profile.id}/{f.id}/{what}/{f.reopened}",
                    when=_noon(day),
                    title=f"{profile.name}: {f.severity.value} finding {what}: {f.title}",
                    text=f"by {by}. {f.observation}",
                    href=f"{page}#finding-{f.id}",
                )


def _moves(register: Register) -> Iterator[Event]:
    """The rows that moved since the snapshot, each dated by the evidence it rests on, else by the register's day."""
    changes, entries = register.changes, {(e.project, e.risk.id): e for e in register.entries}
    for change in changes.rows if changes else ():
        if changes is None or change.move == "unchanged":
            continue
        entry = entries.get((change.project, change.risk))
        on = entry.worst.taken_on if entry and entry.worst else None
        levels = " to ".join(level.value for level in (change.before, change.after) if level)
        yield Event(
            key=f"move/{changes.snapshot}/{change.project}/{change.risk}/{change.move}/{levels}",
            when=_noon(on or register.as_of),
            title=f"{change.project}: {entry.risk.title if entry else change.risk}: {change.move}",
            text=f"{sentence(levels)} since {changes.since}",
            href=f"projects/{change.project}/index.html#risk-{change.risk}" if entry else "changes.html",
        )


def _outcome(status: str) -> str:
    return "completed" if status == "ok" else words(status)


def _latest(events: list[Event], register: Register) -> datetime:
    return max((event.when for event in events), default=_noon(register.as_of))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def _stamp(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _id(key: str) -> str:
    return f"urn:uuid:{uuid.uuid5(SPACE, key)}"


def _texts(parent: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = printable(" ".join(text.split()), limit=2000).translate(
            _NOT_IN_XML
        )
