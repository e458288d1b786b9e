"""Prompts put to a target and the samples it answered."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .frozen import Frozen


class Prompt(Frozen):
    """One question to a target, with the material an answer may rest on."""

    prompt_id: str = Field(min_length=1)
    prompt: str
    context: str = ""
    reference: str | None = None
    attributes: dict[str, str] = {}


class Usage(Frozen):
    """Tokens one answer used."""

    input_tokens: int = Field(0, ge=0)
    output_tokens: int = Field(0, ge=0)
    cached_tokens: int = Field(0, ge=0)
    reasoning_tokens: int = Field(0, ge=0)


class ToolCall(Frozen):
    """One call of a tool by an agent, and what came back; ``result`` is None when nothing did."""

    name: str
    arguments: dict[str, Any] = {}
    result: str | None = None


class Sample(Frozen):
    """One answer of a target to one prompt."""

    prompt_id: str = Field(min_length=1)
    prompt: str = ""
    context: str = ""
    reference: str | None = None
    sample: int = Field(0, ge=0)
    response: str
    model: str = ""
    version: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    latency: float | None = Field(None, ge=0, description="seconds")
    finish_reason: str | None = None
    attributes: dict[str, str] = {}
    at: str | None = Field(None, description="when it was answered, ISO 8601")
    requested_model: str = Field(
        "", description="the model that was asked for, where ``model`` says which answered"
    )
    fingerprint: str | None = Field(
        None, description="what the endpoint calls its set-up (system_fingerprint)"
    )
    request_sha256: str = Field("", description="digest of the endpoint and the request's body")
    tries: int = Field(1, ge=1, description="how often it was asked until it answered")


class Budget(Frozen):
    """The most that one drawing of answers may take; the tries that brought no answer count too."""

    calls: int = Field(5000, ge=1, description="requests sent, repeated ones included", examples=[600])
    tokens: int | None = Field(None, ge=1, description="tokens read and written", examples=[1_000_000])
    usd: float | None = Field(None, gt=0, description="US dollars at list price", examples=[5.0])
