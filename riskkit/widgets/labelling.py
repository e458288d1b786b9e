"""Labelling: one drawn answer at a time with its material, blind to the detector, every label on the disk at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskkit import workspace as workspaces
from riskkit.errors import UsageError, printable
from riskkit.model import Measurement, Sample
from riskkit.model.label import ADJUDICATOR, Label, Review
from riskkit.model.shown import Shown, line, stacked, table
from riskkit.profiles.labels import read_reviews
from riskkit.profiles.labels_given import give, rater_of, review_of, take_back
from riskkit.widgets.twin import Facts, Twin

if TYPE_CHECKING:
    from riskkit.measures.label_progress import Bought

LONGEST = 20_000
"""Characters of a part of an answer that are shown."""
STEP = 10
"""Labels after which the interval is told anew; told after each, it would tell what the detector said."""


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def label_answers(
    project: str,
    review: str,
    *,
    by: str,
    adjudicate: bool = False,
    bought: Bought | None = None,
    workspace: Path | None = None,
    now: Callable[[], datetime] = _now,
) -> Twin:
    """The answers of ``review`` that ``by`` (a role, or a name) has not labelled, one at a time: y, n, u, z, s.

    With ``adjudicate`` the answers on which raters disagree. ``bought`` (of ``measures.label_progress``) tells the
    interval and the agreement that the labels give so far, as the assessment will report them.
    """
    root = workspace or workspaces.find(Path.cwd()).root
    folder = root / "projects" / project
    who = rater_of(review_of(folder, review), by, adjudicate=adjudicate)
    desk = Desk(folder, review, who, bought, now)
    return Twin("labelling", desk.facts(), table=shown, step=desk.step)


@dataclass
class Desk:
    """One rater's place at a review: what was put off, what may be taken back, and what was told last."""

    folder: Path
    review: str
    who: str
    bought: Bought | None
    now: Callable[[], datetime]
    later: list[str] = field(default_factory=list)
    given: list[Label] = field(default_factory=list)
    first: str = ""
    told: tuple[int, list[list[str]]] = (-1, [])

    def facts(self, **more: Any) -> Facts:
        """What is shown, read from the files as they are now."""
        there = review_of(self.folder, self.review)
        todo = self._todo(there)
        labels = [x for x in there.labels if x.rubric_version == there.rubric.version]
        mine = [x for x in labels if x.rater == self.who]
        raters = Counter(x.rater for x in labels)
        self._tell(len(labels), final=not todo)
        return {
            "review": self.review,
            "question": there.rubric.question,
            "measure": there.rubric.measure,
            "who": self.who,
            "adjudicating": self.who.startswith(ADJUDICATOR),
            "item": _item(there.items[todo[0]], todo[0], self.review) if todo else None,
            "done": len(mine),
            "left": len(todo),
            "unclear": sum(x.label == "unclear" for x in mine),
            "raters": [[name, str(n)] for name, n in sorted(raters.items())],
            "disputed": len(there.disputed()),
            "labels": self.told[0],
            "bought": self.told[1],
            "undo": bool(self.given),
            "said": "",
            "went": "well",
            **more,
        }

    def step(self, facts: Facts, message: Mapping[str, Any]) -> Facts:
        """New facts after a label, a skip, or a label taken back."""
        do, item = message.get("do"), str(message.get("item", ""))
        if do == "label":
            there = review_of(self.folder, self.review)
            if item not in there.items or message.get("label") not in ("yes", "no", "unclear"):
                raise UsageError(f"{item!r:.40} is no answer of this review, or the label is none")
            label = Label(
                rater=self.who,
                item=item,
                label=message["label"],
                rubric_version=there.rubric.version,
                time=self.now(),
            )
            give(self.folder, self.review, label)
            self.given.append(label)
            self.first = ""
            return self.facts(said=f"{label.label}, saved")
        if do == "skip" and item:
            self.later, self.first = [*(name for name in self.later if name != item), item], ""
            return self.facts(said="put off: it comes again at the end")
        if do == "undo" and self.given:
            label = self.given.pop()
            take_back(self.folder, self.review, label)
            self.first = label.item
            return self.facts(said=f"{label.label} taken back")
        return self.facts()

    def _todo(self, there: Review) -> list[str]:
        todo = there.todo(self.who, disputed=self.who.startswith(ADJUDICATOR))
        return [name for name in todo if name not in self.later] + [
            name for name in self.later if name in todo
        ]

    def _tell(self, labels: int, *, final: bool) -> None:
        """Work out anew what the labels have bought, where it is time to."""
        if (
            self.bought is None
            or (self.told[0] >= 0 and labels % STEP and not final)
            or self.told[0] == labels
        ):
            return
        self.told = (labels, [list(_row(m)) for m in self.bought(read_reviews(self.folder))])


def shown(facts: Facts) -> Shown:
    """The state of a review as tables: who labelled how many, and what that has bought."""
    left = f"{facts['done']} labelled by {facts['who']}, {facts['left']} left, {facts['unclear']} unclear"
    parts = [
        line(f"Review {facts['review']}: {facts['question']}"),
        line(f"{left}; {facts['disputed']} disputed."),
        table(("rater", "labels"), facts["raters"] or [("nobody yet", "0")]),
    ]
    if facts["bought"]:
        parts.append(table(HEADS, facts["bought"], caption=f"Bought with {facts['labels']} labels"))
    return stacked(*parts)


HEADS = ("measure", "value", "interval", "level", "n")


def _row(m: Measurement) -> tuple[str, str, str, str, str]:
    value = f"not computable: {m.undefined}" if m.value is None else f"{m.value:.4g}"
    interval = "" if m.low is None or m.high is None else f"[{m.low:.4g}, {m.high:.4g}]"
    return m.measure, value, interval, f"{m.level:g}", str(m.n)


def _item(sample: Sample, name: str, review: str) -> dict[str, Any]:
    parts = {"prompt": sample.prompt, "material": sample.context, "reference": sample.reference or ""}
    texts = {**parts, "answer": sample.response}
    return {
        "id": name,
        "parts": [[part, *_text(text, review)] for part, text in texts.items() if text.strip()],
    }


def _text(text: str, review: str) -> tuple[str, str]:
    """A part as it is shown, with nothing in it that acts, and what is left out."""
    seen = "\n".join(printable(row, LONGEST) for row in text[:LONGEST].split("\n"))
    more = len(text) - LONGEST
    return seen, f"{more:,} more characters stand in labels/{review}.items.jsonl" if more > 0 else ""
