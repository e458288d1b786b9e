"""Answers and prompts as the command line reads them: what a run will be given, and what people will label."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from riskkit.cli.workspace import Workspace
from riskkit.errors import InputError, UsageError

if TYPE_CHECKING:
    from riskkit.model import Profile, Prompt, Sample


def local_answers(
    workspace: Workspace, profile: Profile, target: str, *, samples: int, seed: int
) -> tuple[Sample, ...]:
    """Answers of a target that costs nothing to ask: recorded ones, or those of a function or a simulated model."""
    from riskkit import sampling, targets
    from riskkit.profiles.datasets import read_dataset

    module = targets.get(profile.targets[target].kind)
    settings = module.Settings.model_validate(profile.targets[target].settings)

    def read(name: str) -> bytes:
        return read_dataset(profile, name, folder=workspace.projects / profile.id)[0]

    if hasattr(module, "samples"):
        found: tuple[Sample, ...] = module.samples(settings, read)
        return found
    if not hasattr(module, "answer"):
        raise UsageError(f"target {target} gives no answers")
    prompts, folder = module.prompts(settings, read), workspace.projects / profile.id
    with module.importable(folder) if hasattr(module, "importable") else nullcontext():
        return sampling.draw(module.answer, settings, prompts, samples=samples, seed=seed)


def under_judgement(
    workspace: Workspace, profile: Profile, values: Mapping[str, Any], files: Mapping[str, bytes]
) -> list[Sample]:
    """The answers that a run will have judged: those of its target, and those under review."""
    from riskkit.measures import judging
    from riskkit.model.handover import answers_file, read_answers
    from riskkit.profiles.inputs import on_measure
    from riskkit.profiles.labels import read_reviews

    target, samples = str(values.get("target", "")), whole(values.get("samples"), 1)
    seed = whole(values.get("seed"), 0)
    if target not in profile.targets:
        raise UsageError(f"{profile.id}: a judge needs a parameter target that names the answers to judge")
    drawn = files.get(answers_file(target, samples=samples, seed=seed))
    if drawn is not None:
        answers = read_answers(drawn)
    else:
        answers = local_answers(workspace, profile, target, samples=samples, seed=seed)
    every = read_reviews(workspace.projects / profile.id)
    reviews = [review for measure in judging.LABELS for review in on_measure(every, measure)]
    return [*answers, *(item for review in reviews for item in review.items.values())]


def prompts_of(workspace: Workspace, profile: Profile, module: Any, settings: Any) -> tuple[Prompt, ...]:
    """The prompts of a target; faults are told of the file they are in."""
    from riskkit.profiles.datasets import naming_files, read_dataset

    folder = workspace.projects / profile.id
    try:
        found: tuple[Prompt, ...] = module.prompts(
            settings, lambda name: read_dataset(profile, name, folder=folder)[0]
        )
    except InputError as error:
        raise naming_files(profile, error.problems) from None
    return found


def whole(value: object, otherwise: int) -> int:
    """``value`` if it is a whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
