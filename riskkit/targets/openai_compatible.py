"""A model behind any URL that speaks the OpenAI chat protocol: OpenAI, Azure, vLLM, Ollama, llama.cpp, gateways."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from riskkit.errors import EnvironmentProblem, PolicyError
from riskkit.model import Budget, Frozen, Name, Prompt

from . import Read
from ._chat import Chat
from ._endpoint import parse
from ._jsonl import read_prompts

OURS = frozenset({"messages", "model", "n", "stream"})
"""Parameters of a request that are not the profile's to set."""
KeyName = Annotated[str, StringConstraints(pattern=r"^env:[A-Z][A-Z0-9_]{0,62}$")]
"""Where a key stands, never the key: ``env:`` and the name of an environment variable."""

QueryName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,62}$")]
SECRET = ("key", "token", "secret", "sig", "pass")
"""What names of secrets hold. Addresses are written down, so none of these may stand in one."""


class Settings(Frozen):
    """Which model is asked where, with what, and how much that may cost."""

    base_url: str = Field(description="where the API starts", examples=["https://api.openai.com/v1"])
    model: str = Field(min_length=1, description="the model's name there", examples=["gpt-4o-mini"])
    prompts: Name | None = Field(
        None,
        description="a dataset of the profile, JSON Lines: prompt_id, prompt, context, reference, attributes; "
        "a judge needs none",
        examples=["prompts"],
    )
    key: KeyName | None = Field(
        None,
        description="environment variable that holds the key; none is sent when left out",
        examples=["env:OPENAI_API_KEY"],
    )
    key_header: str = Field(
        "authorization",
        pattern="^(authorization|api-key)$",
        description="authorization, or api-key as Azure takes it",
    )
    query: dict[QueryName, str] = Field(
        {},
        description="goes behind every address, such as Azure's api-version; never a key",
        examples=[{"api-version": "2024-10-21"}],
    )
    version: str = Field("", description="version of the system, as records show it")
    instructions: str | None = Field(None, description="the system message; none is sent when left out")
    parameters: dict[Name, Any] = Field(
        {}, description="sent as they are, such as temperature and max_tokens", examples=[{"max_tokens": 300}]
    )
    allow_private: bool = Field(
        False, description="whether the host may be this machine or on a private network"
    )
    concurrency: int = Field(8, ge=1, le=256, description="calls in flight at a time", examples=[8])
    seconds: float = Field(60, gt=0, le=3600, description="the longest one call may take", examples=[60])
    tries: int = Field(8, ge=1, le=50, description="the most tries for one answer", examples=[8])
    budget: Budget = Field(Budget(), description="the most that one drawing of answers may take")
    priced_as: str | None = Field(
        None,
        description="model whose list price counts; the model itself when left out",
        examples=["gpt-4o-mini"],
    )

    @field_validator("query")
    @classmethod
    def _holds_no_secret(cls, given: dict[str, str]) -> dict[str, str]:
        if taken := [name for name in given if any(word in name.lower() for word in SECRET)]:
            raise ValueError(f"{taken[0]} sounds like a secret (give a key by name: key: env:NAME)")
        return given

    @model_validator(mode="after")
    def _can_be_held_to(self) -> Self:
        if taken := sorted(OURS & self.parameters.keys()):
            raise ValueError(f"parameters may not set {taken[0]}")
        if (self.budget.tokens or self.budget.usd) and not self.most_output:
            raise ValueError(
                "a budget of tokens or usd needs parameters.max_tokens, or one answer could exceed it"
            )
        return self

    @property
    def most_output(self) -> int:
        """The most tokens an answer may have; 0 where nothing limits it."""
        given = [self.parameters.get(name) for name in ("max_completion_tokens", "max_tokens")]
        return next((v for v in given if isinstance(v, int) and v > 0), 0)


def prompts(settings: Settings, read: Read) -> tuple[Prompt, ...]:
    """The prompts of the dataset; none where the model is only asked as a judge."""
    if settings.prompts is None:
        return ()
    return read_prompts(read(settings.prompts), file=f"dataset {settings.prompts}")


def secret(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """The key, taken from ``environ``; None when the endpoint asks for none.

    Raises
    ------
    EnvironmentProblem
        When the variable is not set.
    """
    if settings.key is None:
        return None
    name = settings.key.removeprefix("env:")
    if not environ.get(name):
        raise EnvironmentProblem(
            f"the key for {settings.base_url} is not there: set the environment variable {name}"
        )
    return environ[name]


def connect(settings: Settings, *, key: str | None) -> Chat:
    """A line to the endpoint; nothing is looked up or sent yet.

    Raises
    ------
    PolicyError
        When the URL hides where it leads, or the key is none.
    EnvironmentProblem
        When the client library is not installed.
    """
    endpoint = parse(settings.base_url, allow_private=settings.allow_private)
    if importlib.util.find_spec("openai") is None:
        raise EnvironmentProblem("asking a model needs the openai client: pip install 'riskkit[openai]'")
    if key is not None and any(c <= " " or c > "~" for c in key):
        raise PolicyError(f"{settings.key} holds a space or a character that no key has")
    return Chat(
        endpoint,
        base_url=settings.base_url,
        model=settings.model,
        version=settings.version,
        instructions=settings.instructions,
        parameters=settings.parameters,
        most_output=settings.most_output,
        seconds=settings.seconds,
        key=key,
        key_header=settings.key_header,
        query=settings.query,
    )
