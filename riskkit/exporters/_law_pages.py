"""The pages on law and frameworks: one a framework, the crosswalk, the calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from riskkit.exporters import _law_views, _views
from riskkit.model import Register

Write = Callable[..., str]


def law_pages(register: Register, write: Write) -> Iterator[tuple[str, str]]:
    """Path below the docs folder to text."""
    law = _law_views.Law(register, tuple(_views.catalogue(register)))
    yield "frameworks/index.md", write("frameworks.md.j2", title="Frameworks", law=law)
    yield "frameworks/crosswalk.md", write("crosswalk.md.j2", title="Crosswalk", law=law)
    for regulation in register.regulations:
        yield (
            f"frameworks/{regulation.id}.md",
            write(
                "framework.md.j2",
                title=regulation.title,
                regulation=regulation,
                law=law,
                clauses=law.clauses(regulation),
                systems=law.concerned(regulation),
            ),
        )
    dues = _law_views.dues(register)
    yield "calendar.md", write("calendar.md.j2", title="Calendar", dues=dues, law=law)
