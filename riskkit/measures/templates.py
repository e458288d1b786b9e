"""Prompts that differ in one person each: templates crossed with attributes and names, in random order."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from riskkit.measures.positions import BETWEEN, CANDIDATES, balanced_orders
from riskkit.model import Prompt

PLACE = re.compile(r"\{(\w+)\}")


def crossed_prompts(
    templates: Mapping[str, str],
    *,
    people: Sequence[Mapping[str, str]],
    seed: int,
    template: str = "template",
    references: Mapping[str, str] | None = None,
) -> tuple[Prompt, ...]:
    """Every template with every person, in an order drawn from ``seed``, so that a drift of the server favours nobody.

    ``templates`` maps an id to a text with places such as ``{name}``. A person is what goes in: an attribute said
    outright (``{"sex": "female"}``), or a name that carries it (``{"name": "Anna", "sex": "female"}``, where a text
    without ``{sex}`` leaves it implicit). All of it is kept as attributes of the prompt, the template's id under the
    name ``template``. ``references`` gives a template's right answer. One line of ``model_dump_json`` a prompt makes
    the dataset that a target reads.

    Raises
    ------
    ValueError
        When a place has nothing to go in, people have different attributes, or two people are alike.
    """
    keys = {frozenset(person) for person in people}
    if len(keys) != 1 or len({tuple(sorted(person.items())) for person in people}) < len(people):
        raise ValueError("people need the same attributes each, and no two may be alike")
    for name, text in templates.items():
        if empty := sorted(set(PLACE.findall(text)) - set(people[0])):
            raise ValueError(
                f"template {name!r}: nothing goes into {{{empty[0]}}} ({', '.join(people[0])} are there)"
            )
    made = [
        Prompt(
            prompt_id="-".join([name, *person.values()]),
            prompt=PLACE.sub(lambda place, person=person: person[place[1]], text),  # type: ignore[misc]
            reference=(references or {}).get(name),
            attributes={template: name, **person},
        )
        for name, text in templates.items()
        for person in people
    ]
    random.Random(seed).shuffle(made)
    return tuple(made)


def ranking_prompts(
    templates: Mapping[str, str], *, candidates: Sequence[str], seed: int, template: str = "template"
) -> tuple[Prompt, ...]:
    """Every template with every balanced order of ``candidates`` (see ``balanced_orders``), in an order from ``seed``.

    ``{candidates}`` in a template is where they are listed, a line each. The attribute ``candidates`` keeps the order,
    which ``position_bias`` and ``choices_by_candidate`` read.

    Raises
    ------
    ValueError
        When a template has no place for the candidates.
    """
    if lacking := [name for name, text in templates.items() if "{candidates}" not in text]:
        raise ValueError(f"template {lacking[0]!r} has no place {{candidates}}")
    made = [
        Prompt(
            prompt_id=f"{name}-order-{number}",
            prompt=text.replace("{candidates}", "\n".join(order)),
            attributes={template: name, CANDIDATES: f" {BETWEEN} ".join(order)},
        )
        for name, text in templates.items()
        for number, order in enumerate(balanced_orders(candidates))
    ]
    random.Random(seed).shuffle(made)
    return tuple(made)
