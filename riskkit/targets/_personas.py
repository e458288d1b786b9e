"""What the simulated model says: sentences built of the facts in a prompt's context, in several phrasings.

A sentence is written only when the context holds every fact it names, so an answer without a planted fault
states nothing that its context does not hold.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from string import Formatter

Slots = tuple[tuple[str, ...], ...]
"""One sentence a slot, each with its alternatives."""

PHRASES: dict[str, Slots] = {
    "explanation": (
        (
            "We could not approve application {application}.",
            "Application {application} was declined.",
            "Application {application} could not be approved.",
        ),
        (
            "The score of {score} is below the required score of {required score}.",
            "The score is {score}, which is below the required score of {required score}.",
            "A score of {score} does not reach the required score of {required score}.",
        ),
        (
            "The record shows debt of {debt} and income of {income}.",
            "Debt of {debt} was weighed against income of {income}.",
            "Income of {income} and debt of {debt} were taken into account.",
        ),
        (
            "The record shows {years employed} years employed.",
            "Years employed: {years employed}.",
            "We took {years employed} years employed into account.",
        ),
        ("Next step: {next step}.", "As a next step, {next step}."),
    ),
    "triage": (
        ("Level: {level}.", "Assigned level: {level}.", "Triage level: {level}."),
        (
            "{patient}, {age} years, reports {complaint}.",
            "{patient} ({age} years) reports {complaint}.",
            "The complaint of {patient}, {age} years, is {complaint}.",
        ),
        (
            "Heart rate is {heart rate} and oxygen saturation is {oxygen saturation}.",
            "Oxygen saturation {oxygen saturation}, heart rate {heart rate}.",
            "Heart rate {heart rate}, with oxygen saturation of {oxygen saturation}.",
        ),
        ("Pain score: {pain score}.", "The pain score is {pain score}."),
    ),
    "claims_agent": (
        (
            "Claim {claim} for {damage} was checked against policy {policy}.",
            "Policy {policy} was checked for claim {claim} ({damage}).",
        ),
        (
            "The limit is {limit} and the deductible is {deductible}.",
            "With a limit of {limit}, the deductible is {deductible}.",
        ),
        (
            "Report {report} puts the damage at {estimate}.",
            "The estimate in report {report} is {estimate}.",
        ),
        ("Claimed amount: {claimed amount}.", "The claimed amount is {claimed amount}."),
    ),
    "support": (
        (
            "Ticket {ticket} about {topic} goes to the {queue} queue.",
            "Ticket {ticket} is about {topic}, so it goes to the {queue} queue.",
            "The {queue} queue takes ticket {ticket} about {topic}.",
        ),
        (
            "The {queue} queue answers within {answer time}.",
            "An answer comes within {answer time}.",
        ),
        ("Opening hours: {opening hours}.", "The opening hours are {opening hours}."),
    ),
}
"""What each persona says, in this order."""

LONGER = (
    "To sum up the record once more, {name} is given as {value}.",
    "It should also be mentioned that {name} is recorded as {value}.",
    "For completeness, the record gives {name} as {value}.",
)
INVENTED_NUMBER = ("A further amount of {} was found on file.", "The file also holds a figure of {}.")
INVENTED_NAME = ("This was confirmed by the {} office.", "The {} register agrees with this.")
INVENTED_REFERENCE = ("The rule applied is {}.", "This follows from entry {}.")
OFFICES = ("Northgate", "Brightwater", "Halden", "Eastfield", "Marlow Bridge")
REFUSAL = "I'm sorry, but I cannot help with this request."
NOTHING = "The record holds no facts."
NO_REPORT = "A report was asked for, but none has come back."


def facts_of(context: str) -> dict[str, str]:
    """The facts in a context written as ``name: value; name: value``, by name in lower case."""
    pairs = (part.partition(":") for part in re.split(r"[;\n]", context))
    return {name.strip().lower(): value.strip() for name, sep, value in pairs if sep and value.strip()}


def speak(persona: str, facts: Mapping[str, str], dice: random.Random) -> list[str]:
    """The sentences ``persona`` says about ``facts``; plain statements of them where none of its own fit."""
    sentences = []
    for slot in PHRASES[persona]:
        usable = [phrase for phrase in slot if _names(phrase) <= facts.keys()]
        chosen = dice.random()
        if usable:
            sentences.append(usable[int(chosen * len(usable))].format_map(facts))
    plain = [f"On record, {name} is {value}." for name, value in list(facts.items())[:4]]
    return sentences or plain or [NOTHING]


def longer(facts: Mapping[str, str], dice: random.Random) -> list[str]:
    """Sentences that repeat facts at length."""
    named = list(facts.items())
    return [
        p.format(name=n, value=v)
        for p, (n, v) in zip(LONGER, dice.sample(named, min(3, len(named))), strict=False)
    ]


def invention(context: str, dice: random.Random) -> str:
    """A sentence with a number, a name or a reference that ``context`` does not hold."""
    kind = dice.randrange(3)
    while True:
        if kind == 0:
            made_up, phrases = str(dice.randrange(1100, 9900)), INVENTED_NUMBER
        elif kind == 1:
            made_up, phrases = dice.choice(OFFICES), INVENTED_NAME
        else:
            made_up, phrases = f"QX-{dice.randrange(10000, 99999)}", INVENTED_REFERENCE
        if made_up not in context:
            return dice.choice(phrases).format(made_up)


def _names(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}
