"""Labels: what people found when they looked at answers."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .frozen import Frozen, Name, Text, digest
from .sample import Sample

ADJUDICATOR = "adjudicator "
"""What the name of a rater starts with whose label settles a dispute."""
Rater = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Judgement = Literal["yes", "no", "unclear"]
"""Whether an answer has the fault that is looked for."""


class Label(Frozen):
    """One rater's finding on one answer: whether it has the fault that the review's question asks for."""

    rater: Rater
    item: str = Field(min_length=1)
    label: Judgement
    rubric_version: str = Field(min_length=1)
    time: datetime


class Rubric(Frozen):
    """What a review asks of raters: ``projects/<id>/labels/<review>.yml``."""

    measure: Name = Field(
        description="the measure whose fault is looked for", examples=["invented_fact_rate"]
    )
    target: Name = Field(description="the target whose answers were drawn", examples=["explanations"])
    question: Text = Field(description="the question to raters; yes means that the answer has the fault")
    version: str = Field(
        "1", description="changes with the question, so that labels of another one are not mixed in"
    )
    note: str = ""


class Review(Frozen):
    """Answers drawn for review, and the labels they were given."""

    name: Name
    rubric: Rubric
    items: dict[str, Sample]
    labels: tuple[Label, ...] = ()

    def by_item(self) -> dict[str, dict[str, str]]:
        """Item to rater to label under the rubric's present version; adjudications and unclear ones are left out."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for label in self._present():
            if label.label != "unclear" and not label.rater.startswith(ADJUDICATOR):
                found[label.item][label.rater] = label.label
        return dict(found)

    def settled(self) -> dict[str, bool]:
        """Item to whether it has the fault, where raters agree or an adjudicator has decided."""
        settled = {
            item: set(labels.values()) == {"yes"}
            for item, labels in self.by_item().items()
            if len(set(labels.values())) == 1
        }
        decided = {
            label.item: label.label == "yes"
            for label in self._present()
            if label.rater.startswith(ADJUDICATOR) and label.label != "unclear"
        }
        return settled | decided

    def disputed(self) -> tuple[str, ...]:
        """Items whose raters disagree and on which nobody has decided."""
        settled = self.settled()
        return tuple(item for item in self.by_item() if item not in settled)

    def todo(self, rater: str, *, disputed: bool = False) -> list[str]:
        """Items that ``rater`` has not labelled, each rater in an order of their own; or the disputed ones."""
        done = {label.item for label in self._present() if label.rater == rater}
        items = self.disputed() if disputed else tuple(self.items)
        return sorted((i for i in items if i not in done), key=lambda item: digest([rater, item]))

    def _present(self) -> list[Label]:
        return [label for label in self.labels if label.rubric_version == self.rubric.version]


def item_id(sample: Sample) -> str:
    """What an answer is called in labels: the same for the same answer to the same prompt."""
    return digest({"prompt": sample.prompt_id, "context": sample.context, "response": sample.response})[:12]
