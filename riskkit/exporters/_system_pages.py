"""The pages of one system: its own page, its checklist and its paper. They are made anew when they would differ.

They are given nothing of other systems, so what they show follows from their own part of the register.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment

from riskkit.authored.writing import put
from riskkit.exporters import _people, _views
from riskkit.exporters._downloads import Download, large
from riskkit.exporters._heatmap import cell_filter, heat_map
from riskkit.exporters._inert import inert
from riskkit.exporters._law_views import Law
from riskkit.exporters._templates import page, render
from riskkit.model import ProjectRegister, Rating, Register, canonical

Pages = dict[str, bytes]
"""Path below the docs folder to what is written there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The last pages of each system, a file each, without the stamp of a day and with a digest of what they rest on.

    ``basis`` stands for templates and code, ``digests`` for what the register says of each system, in its order.
    """

    folder: Path
    basis: bytes
    digests: tuple[bytes, ...]

    def of(self, name: str, key: str) -> Pages | None:
        """The pages of a system if they were made from what ``key`` stands for, and are whole."""
        try:
            told, _, rest = (self.folder / name).read_bytes().partition(b"\n")
            head = json.loads(told)
            sizes = dict(head["sizes"])
            whole = head["key"] == key and sum(sizes.values()) == len(rest)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not whole:
            return None
        pages, start = {}, 0
        for path, size in sizes.items():
            pages[path] = rest[start : start + size]
            start += size
        return pages

    def keep(self, name: str, key: str, pages: Pages) -> None:
        """Put ``pages`` in the place of those that were kept, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        head = json.dumps({"key": key, "sizes": {path: len(text) for path, text in pages.items()}})
        put(self.folder / name, b"\n".join([head.encode(), b"".join(pages.values())]))


def system_pages(
    register: Register,
    env: Environment,
    *,
    stamp: Mapping[str, str],
    downloads: Mapping[str, tuple[Download, ...]],
    kept: Kept,
) -> Iterator[tuple[str, bytes]]:
    """Path and content of every page of every system, those in ``kept`` with the ``stamp`` of the day."""
    reasons = _people.reasons(register)
    apart: dict[str, object] = {
        "projects": (),
        "reasons": (),
        "departed": {},
        "heartbeat": None,
        "changes": None,
        "deadlines": (),
    }
    shared = register.model_copy(update=apart)
    law = Law(shared, ())
    same = kept.basis + canonical([shared, sorted(stamp), large(register)])
    marks = {name: f"STAMPED_{name.upper()}" for name in stamp}
    filled = [(mark.encode(), str(inert(stamp[name])).encode()) for name, mark in marks.items()]
    for project, digest in zip(register.projects, kept.digests, strict=True):
        name = project.profile.id
        own = shared.model_copy(
            update={
                "projects": (project,),
                "reasons": tuple(reasons[name]),
                "changes": _changes(register, name),
            }
        )
        key = sha256(b"\0".join([same, digest, *_said(own, project, downloads.get(name, ()))])).hexdigest()
        if (pages := kept.of(name, key)) is None:
            made = _made(own, project, env, marks=marks, law=law)
            pages = {path: text.encode("utf-8", "backslashreplace") for path, text in made}
            kept.keep(name, key, pages)
        for path, text in pages.items():
            for mark, value in filled:
                text = text.replace(mark, value)
            yield path, text


def _said(own: Register, project: ProjectRegister, offered: tuple[Download, ...]) -> Iterator[bytes]:
    """What the pages of a system are given of it that its digest leaves out."""
    yield project.duties.model_dump_json().encode() if project.duties else b""
    yield canonical([own.reasons, own.changes, project.files, [astuple(file) for file in offered]])


def _changes(register: Register, name: str) -> object:
    """The changes since the snapshot that are about one system."""
    if register.changes is None:
        return None
    rows = tuple(row for row in register.changes.rows if row.project == name)
    return register.changes.model_copy(update={"rows": rows})


def _made(
    own: Register, project: ProjectRegister, env: Environment, *, marks: Mapping[str, str], law: Law
) -> Iterator[tuple[str, str]]:
    profile = project.profile
    folder, entries = f"projects/{profile.id}", _views.worst_first(project.entries)
    write = partial(page, env, stamp=marks, register=own, project=project)
    yield (
        f"{folder}/index.md",
        write(
            "project.md.j2",
            title=profile.name,
            profile=profile,
            reasons=own.reasons,
            entries=entries,
            map=heat_map(project.entries, project.matrix, name="map", href=cell_filter),
        ),
    )
    if project.duties:
        title = f"{profile.name}: requirements"
        text = write("requirements.md.j2", title=title, duties=project.duties, law=law, searched=False)
        yield f"{folder}/requirements.md", text
    yield (
        f"{folder}/paper.html",
        render(
            env,
            "paper.html.j2",
            register=own,
            stamp=marks,
            moves=_views.moves(own),
            project=project,
            profile=profile,
            entries=entries,
            map=heat_map(project.entries, project.matrix, name="map", href=_to_row),
        ),
    )


def _to_row(rating: Rating) -> str:
    return f"index.html{cell_filter(rating)}"
