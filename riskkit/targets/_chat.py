"""Chat completions asked of one endpoint, one try at a time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from riskkit.errors import CallFailed, PolicyError, printable
from riskkit.model import Prompt, Sample, ToolCall, Usage, digest

from ._endpoint import Endpoint
from ._wire import Wire

OVERHEAD = 64
"""Tokens that a request may have beyond one for each byte of its text: roles, separators, the start of the answer."""


class Chat:
    """A line to a model: what a request costs at most, how it is told apart, and one try to have it answered."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        base_url: str,
        model: str,
        version: str,
        instructions: str | None,
        parameters: Mapping[str, Any],
        most_output: int,
        seconds: float,
        key: str | None,
        key_header: str,
        query: Mapping[str, str] | None = None,
    ) -> None:
        self._endpoint, self._base_url, self._model, self._version = endpoint, base_url, model, version
        self._instructions, self._parameters = instructions, dict(parameters)
        self._most_output, self._seconds = most_output, seconds
        self._key, self._key_header, self._query = key, key_header, dict(query or {})

    def check(self) -> None:
        """Look the host up and check its addresses; nothing is sent.

        Raises
        ------
        PolicyError
            When one of them may not be contacted.
        CallFailed
            When the host has none.
        """
        self._endpoint.addresses()

    def request(self, prompt: Prompt) -> dict[str, Any]:
        """The body that is sent for ``prompt``: its context, if it has one, stands before it."""
        asked = f"{prompt.context}\n\n{prompt.prompt}" if prompt.context.strip() else prompt.prompt
        system = [{"role": "system", "content": self._instructions}] if self._instructions else []
        messages = [*system, {"role": "user", "content": asked}]
        return {**self._parameters, "model": self._model, "messages": messages}

    def request_sha256(self, prompt: Prompt) -> str:
        """Digest of the endpoint and the body."""
        query = {"query": self._query} if self._query else {}
        return digest({"endpoint": self._base_url, "body": self.request(prompt), **query})

    def most(self, prompt: Prompt) -> Usage:
        """The most tokens one answer to ``prompt`` can take: no token is shorter than a byte."""
        text = "".join(str(m["content"]) for m in self.request(prompt)["messages"])
        return Usage(
            input_tokens=len(text.encode("utf-8", "replace")) + OVERHEAD, output_tokens=self._most_output
        )

    def ask(self, prompt: Prompt) -> Sample:
        """One try: the answer as sample 0 of ``prompt``, with its latency in seconds.

        Raises
        ------
        CallFailed
            When no answer came.
        PolicyError
            When the answer leads elsewhere.
        """
        client = self._client  # before the clock starts: making it takes seconds the first time
        started = time.monotonic()
        try:
            body = self._sent(client, prompt)
        except CallFailed as error:
            if "content_filter" not in str(error) or error.again:
                raise
            body = _FILTERED
        sample = _sample(body, prompt, requested=self._model, version=self._version)
        known = {
            "latency": round(time.monotonic() - started, 4),
            "request_sha256": self.request_sha256(prompt),
        }
        return sample.model_copy(update=known)

    def _sent(self, client: Any, prompt: Prompt) -> bytes:
        from openai import APIConnectionError

        try:
            where = f"{self._base_url.rstrip('/')}/chat/completions"
            return bytes(client.post(where, body=self.request(prompt), cast_to=bytes))
        except APIConnectionError as error:
            cause = error.__cause__
            raise cause if isinstance(cause, (CallFailed, PolicyError)) else error from None

    @cached_property
    def _client(self) -> Any:
        from openai import DefaultHttpxClient, OpenAI

        wire = Wire(self._endpoint, seconds=self._seconds)
        own = {"api-key": self._key} if self._key and self._key_header == "api-key" else {}
        return OpenAI(
            base_url=self._base_url,
            api_key=self._key or "none",
            organization="",
            project="",
            max_retries=0,
            default_headers=own,
            default_query=self._query,
            http_client=DefaultHttpxClient(transport=wire, trust_env=False, follow_redirects=False),  # type: ignore[arg-type]
        )


_FILTERED = json.dumps(
    {"choices": [{"finish_reason": "content_filter", "message": {"content": ""}}]}
).encode()
"""What stands for an answer that the endpoint's own filter held back."""


def _sample(body: bytes, prompt: Prompt, *, requested: str, version: str) -> Sample:
    """The answer in a chat completion; anything that is none is a failed try."""
    try:
        found = json.loads(body)
        choice = found["choices"][0]
        said = choice["message"]
        return Sample(
            prompt_id=prompt.prompt_id,
            response=_text(said.get("content")) or _text(said.get("refusal")),
            model=printable(found.get("model") or requested, 120),
            requested_model=requested,
            version=version,
            tool_calls=tuple(_tool_call(call["function"]) for call in said.get("tool_calls") or ()),
            usage=_usage(found.get("usage")),
            finish_reason="refusal" if said.get("refusal") else choice.get("finish_reason"),
            fingerprint=found.get("system_fingerprint"),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        shown = printable(body[:120].decode("utf-8", "replace"), 80)
        raise CallFailed(f"the answer is no chat completion: {shown}", again=True) from None


def _text(content: Any) -> str:
    """Text of a message, with lone surrogates spelt out, since no file can hold them."""
    parts = content if isinstance(content, list) else [content]
    said = "".join(p.get("text", "") if isinstance(p, dict) else p or "" for p in parts)
    return said.encode("utf-8", "backslashreplace").decode()


def _tool_call(function: Mapping[str, Any]) -> ToolCall:
    try:
        arguments = json.loads(function["arguments"])
    except ValueError:
        arguments = None
    known = arguments if isinstance(arguments, dict) else {"unreadable": str(function["arguments"])}
    return ToolCall(name=function["name"], arguments=known)


def _usage(given: Any) -> Usage | None:
    if not isinstance(given, dict) or "prompt_tokens" not in given:
        return None
    read, written = given.get("prompt_tokens_details") or {}, given.get("completion_tokens_details") or {}
    return Usage(
        input_tokens=given["prompt_tokens"],
        output_tokens=given.get("completion_tokens") or 0,
        cached_tokens=read.get("cached_tokens") or 0,
        reasoning_tokens=written.get("reasoning_tokens") or 0,
    )
