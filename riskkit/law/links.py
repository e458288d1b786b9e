"""Which evidence serves which requirement: directly, by a typed relation, or through a shared topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..model import Regulation, Requirement


@dataclass(frozen=True, slots=True)
class Links:
    """Topics to the requirements that share them, and to the measures that serve them."""

    requirements: Mapping[str, tuple[str, ...]]
    measures: Mapping[str, tuple[str, ...]]

    def serving(self, requirement: Requirement) -> tuple[tuple[str, str], ...]:
        """Requirements whose answer may serve this one, with what links them; the strongest link first."""
        whole = [
            (other, f"{kind} to this")
            for other, kind in requirement.relations.items()
            if kind in {"equal", "superset"}
        ]
        shared = [
            (other, f"topic {topic}")
            for topic in requirement.topics
            for other in self.requirements[topic]
            if other != requirement.id
        ]
        return tuple(whole + shared)

    def shared_measures(self, requirement: Requirement) -> tuple[tuple[str, str], ...]:
        """Measures that serve this requirement through a topic alone, with the topic."""
        own = requirement.measures
        found = {m: topic for topic in requirement.topics for m in self.measures[topic] if m not in own}
        return tuple(found.items())


def link(regulations: Iterable[Regulation]) -> Links:
    """The links among all requirements of ``regulations``.

    A measure serves a topic when at least two of its requirements ask for it: one alone may ask for it on
    account of another topic.
    """
    members: dict[str, list[Requirement]] = {}
    for regulation in regulations:
        for requirement in regulation.requirements:
            for topic in requirement.topics:
                members.setdefault(topic, []).append(requirement)
    asked = {topic: Counter(m for r in group for m in r.measures) for topic, group in members.items()}
    return Links(
        requirements={topic: tuple(r.id for r in group) for topic, group in members.items()},
        measures={topic: tuple(m for m, n in count.items() if n > 1) for topic, count in asked.items()},
    )
