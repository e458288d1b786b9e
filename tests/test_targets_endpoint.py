"""A model behind a URL: only the declared host is asked, and what comes back is an answer or a named failure."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from example_endpoint import Handler, Stub, endpoint
from pydantic import ValidationError

from riskkit.errors import CallFailed, EnvironmentProblem, PolicyError
from riskkit.model import Prompt, Sample
from riskkit.targets import _endpoint, _refusal, _wire, openai_compatible

pytestmark = pytest.mark.slow

PROMPT = Prompt(prompt_id="a", prompt="who?", context="Ann did.")


def settings(url: str, **more: Any) -> openai_compatible.Settings:
    given = {"base_url": url, "model": "m", "prompts": "p", "allow_private": True, "seconds": 2.0, **more}
    return openai_compatible.Settings.model_validate(given)


def ask(stub: Stub, *, key: str | None = None, **more: Any) -> Sample:
    return openai_compatible.connect(settings(stub.url, **more), key=key).ask(PROMPT)


# What is asked and recorded


def test_an_answer_carries_who_was_asked_who_answered_and_what_it_took() -> None:
    with endpoint(latency=0.02) as stub:
        sample = ask(stub, version="7", parameters={"temperature": 0.5}, instructions="Be brief.")
    assert (sample.prompt_id, sample.response, sample.finish_reason) == ("a", "ANN DID.\n\nWHO?", "stop")
    assert (sample.model, sample.requested_model, sample.version) == ("m-2026-01", "m", "7")
    assert sample.fingerprint == "fp_stub"
    assert sample.usage is not None
    assert (sample.usage.input_tokens, sample.usage.output_tokens) == (10, 5)
    assert sample.latency is not None
    assert 0.02 <= sample.latency < 2
    assert len(sample.request_sha256) == 64


def test_the_request_holds_instructions_context_prompt_and_parameters_and_nothing_else() -> None:
    line = openai_compatible.connect(
        settings("http://127.0.0.1:9/v1", instructions="Be brief.", parameters={"max_tokens": 30}), key=None
    )
    assert line.request(PROMPT) == {
        "max_tokens": 30,
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Ann did.\n\nwho?"},
        ],
    }
    assert line.most(PROMPT).output_tokens == 30
    assert line.most(PROMPT).input_tokens == len("Be brief.Ann did.\n\nwho?") + 64


def test_azure_is_asked_at_its_deployment_with_its_version_and_its_header() -> None:
    asked: list[str] = []

    def note(handler: Handler, body: dict[str, Any]) -> bool:
        asked.append(handler.path)
        return False

    with endpoint(note) as stub:
        url = stub.url.replace("/v1", "/openai/deployments/d")
        azure = settings(url, query={"api-version": "2024-10-21"}, key_header="api-key", key="env:AZURE_KEY")
        sample = openai_compatible.connect(azure, key="k-1").ask(PROMPT)
        headers = {name.lower(): value for name, value in stub.headers[0].items()}
    assert asked == ["/openai/deployments/d/chat/completions?api-version=2024-10-21"]
    assert headers["api-key"] == "k-1"
    plain = openai_compatible.connect(settings(url), key=None).request_sha256(PROMPT)
    assert sample.request_sha256 != plain
    with pytest.raises(ValidationError, match="subscription-key sounds like a secret"):
        settings(url, query={"subscription-key": "x"})


def test_another_endpoint_or_parameter_gives_the_request_another_digest() -> None:
    digests = {
        openai_compatible.connect(settings(url, parameters=p), key=None).request_sha256(PROMPT)
        for url in ("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v2")
        for p in ({}, {"temperature": 0.5})
    }
    assert len(digests) == 4


def test_the_key_goes_to_the_endpoint_and_nothing_about_this_machine_does(monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-private")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-private")
    with endpoint() as stub:
        ask(stub, key="hush-hush-hush")
        ask(stub, key="hush-hush-hush", key_header="api-key")
    first, second = stub.headers
    assert first["authorization"] == "Bearer hush-hush-hush"
    assert second["api-key"] == "hush-hush-hush"
    assert "private" not in json.dumps(stub.headers)
    assert not [name for name in first if name.lower().startswith(("x-stainless", "openai-"))]


def test_proxies_of_the_environment_are_not_used(monkeypatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with endpoint() as stub:
        assert ask(stub).response


def test_the_key_is_read_by_name_and_a_missing_one_names_the_variable() -> None:
    given = settings("https://api.example.com/v1", key="env:MODEL_KEY")
    assert openai_compatible.secret(given, {"MODEL_KEY": "abc"}) == "abc"
    with pytest.raises(EnvironmentProblem, match="MODEL_KEY"):
        openai_compatible.secret(given, {})
    with pytest.raises(ValidationError):
        settings("https://api.example.com/v1", key="sk-1234567890")


def test_a_key_that_would_add_a_header_is_refused_without_being_repeated() -> None:
    with pytest.raises(PolicyError) as caught:
        openai_compatible.connect(
            settings("http://127.0.0.1:9/v1", key="env:MODEL_KEY"), key="abc\r\nx-evil: 1"
        )
    assert "abc" not in str(caught.value)


def test_parameters_that_are_the_kits_and_budgets_that_cannot_be_held_are_refused() -> None:
    with pytest.raises(ValidationError, match="may not set n"):
        settings("https://api.example.com/v1", parameters={"n": 5})
    with pytest.raises(ValidationError, match=r"needs parameters\.max_tokens"):
        settings("https://api.example.com/v1", budget={"usd": 5})


# Where may be asked


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://user:pass@api.example.com/v1", "user name or password"),
        ("https://api.example.com@evil.example/v1", "user name or password"),
        ("file:///etc/passwd", "does not start with https://"),
        ("ftp://api.example.com/", "does not start with https://"),
        ("https:///v1", "does not start with https://"),
        ("https://api.example.com:99999/v1", "is not a URL"),
        ("https://api.example.com\\@evil.example/", "backslash"),
        ("https://api.example.com/v1\r\nHost: evil", "control character"),
        ("https://api.example.com/v1?key=1", "query or fragment"),
    ],
)
def test_urls_that_hide_where_they_lead_are_refused(url: str, what: str) -> None:
    with pytest.raises(PolicyError, match=what) as caught:
        _endpoint.parse(url, allow_private=False)
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.7", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
        "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "ff02::1", "::",
        "240.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    target = _endpoint.parse("https://api.example.com/v1", allow_private=False)
    with pytest.raises(PolicyError, match="not a public address"):
        target.addresses(lambda host, port: ["93.184.215.14", address])


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "64:ff9b::a9fe:a9fe"]
)
def test_addresses_of_no_network_of_ones_own_are_refused_even_when_private_ones_are_allowed(
    address: str,
) -> None:
    target = _endpoint.parse("https://api.example.com/v1", allow_private=True)
    with pytest.raises(PolicyError, match="not a public address"):
        target.addresses(lambda host, port: [address])


def test_public_and_allowed_private_addresses_may_be_asked_and_plain_http_only_this_machine() -> None:
    public = _endpoint.parse("https://api.example.com/v1", allow_private=False)
    assert public.addresses(lambda host, port: ["93.184.215.14"]) == ("93.184.215.14",)
    private = _endpoint.parse("https://models.corp:8443/v1", allow_private=True)
    assert (private.port, private.addresses(lambda host, port: ["10.0.0.7"])) == (8443, ("10.0.0.7",))
    plain = _endpoint.parse("http://models.corp/v1", allow_private=True)
    assert plain.addresses(lambda host, port: ["127.0.0.1"]) == ("127.0.0.1",)
    with pytest.raises(PolicyError, match="without TLS"):
        plain.addresses(lambda host, port: ["10.0.0.7"])


def test_a_host_whose_address_changes_to_a_private_one_is_not_asked() -> None:
    """DNS may answer differently the second time; every new connection checks again."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    target = _endpoint.parse("http://models.example:9/v1", allow_private=True)
    wire = _wire.Wire(target, seconds=1, resolve=lambda host, port: next(answers))
    wire._connection().deadline = time.monotonic() + 1
    with pytest.raises(OSError, match="refused"):
        wire._connection().connect()
    with pytest.raises(PolicyError):
        wire._connection().connect()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_not_followed(status: int) -> None:
    with endpoint() as other:

        def redirect(handler: Handler, body: dict[str, Any]) -> bool:
            handler.send(status, b"", location=f"{other.url}/chat/completions")
            return True

        with endpoint(redirect) as stub, pytest.raises(PolicyError, match="redirect"):
            ask(stub, key="hush-hush-hush")
        assert (stub.calls, other.calls) == (1, 0)


# What may go wrong


def failure(behave: Any, **more: Any) -> CallFailed:
    with endpoint(behave) as stub, pytest.raises(CallFailed) as caught:
        ask(stub, **more)
    assert stub.calls == 1
    return caught.value


def reply(status: int, body: bytes, **headers: str) -> Any:
    def behave(handler: Handler, _: dict[str, Any]) -> bool:
        handler.send(status, body, **headers)
        return True

    return behave


@pytest.mark.parametrize(
    ("status", "again", "busy", "paid"),
    [
        (429, True, True, False),
        (529, True, True, False),
        (503, True, False, False),
        (500, True, False, True),
        (502, True, False, True),
        (400, False, False, False),
        (401, False, False, False),
        (404, False, False, False),
    ],
)
def test_a_status_says_whether_another_try_may_help(status: int, again: bool, busy: bool, paid: bool) -> None:
    error = failure(reply(status, b'{"error": {"message": "not now\\u001b[31m"}}'))
    assert (error.again, error.busy, error.paid) == (again, busy, paid)
    assert f"{status}: not now\\x1b[31m" in str(error)


def test_a_call_that_hangs_or_drips_ends_at_its_deadline() -> None:
    def hang(handler: Handler, _: dict[str, Any]) -> bool:
        time.sleep(1.5)
        return handler.drop()

    def drip(handler: Handler, _: dict[str, Any]) -> bool:
        for _ in range(40):
            handler.wfile.write(b"H")
            time.sleep(0.05)
        return handler.drop()

    for behave in (hang, drip):
        started = time.monotonic()
        error = failure(behave, seconds=0.4)
        assert "within 0.4 s" in str(error)
        assert (error.again, error.paid) == (True, True)
        assert time.monotonic() - started < 2.5


def test_answers_cut_off_dropped_compressed_too_large_or_not_json_are_failures() -> None:
    def cut(handler: Handler, _: dict[str, Any]) -> bool:
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"choices"')
        return handler.drop()

    assert "broke off after 10 bytes" in str(failure(cut))
    assert failure(lambda handler, _: handler.drop()).again
    assert "compressed" in str(failure(reply(200, b"x", content_encoding="gzip")))
    large = failure(reply(200, b"x" * (_wire.LARGEST + 1)))
    assert ("larger than 8 MB" in str(large), large.again) == (True, False)
    for body in (
        b"<html>error</html>",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [{"message": 5}]}',
        b"[" * 50_000,
    ):
        assert "no chat completion" in str(failure(reply(200, body)))


def test_a_prompt_the_endpoints_filter_holds_back_is_an_empty_answer_and_no_failure() -> None:
    body = b'{"error": {"code": "content_filter", "message": "blocked by content_filter"}}'
    with endpoint(reply(400, body)) as stub:
        sample = ask(stub)
    assert (sample.response, sample.finish_reason, sample.usage) == ("", "content_filter", None)


def test_refusals_parts_tool_calls_and_lone_surrogates_are_read() -> None:
    said = {
        "content": [{"type": "text", "text": "a\ud800"}, {"type": "text", "text": "b"}],
        "tool_calls": [
            {"function": {"name": "look", "arguments": '{"k": 1}'}},
            {"function": {"name": "look", "arguments": "not json"}},
        ],
    }
    with endpoint(reply(200, json.dumps({"choices": [{"message": said}]}).encode())) as stub:
        sample = ask(stub)
    assert sample.response == "a\\ud800b"
    assert [call.arguments for call in sample.tool_calls] == [{"k": 1}, {"unreadable": "not json"}]
    refused = {"choices": [{"message": {"content": None, "refusal": "I cannot."}, "finish_reason": "stop"}]}
    with endpoint(reply(200, json.dumps(refused).encode())) as stub:
        sample = ask(stub)
    assert (sample.response, sample.finish_reason) == ("I cannot.", "refusal")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.2"}, 0.2),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        (
            {"retry-after": "Fri, 20 Nov 2026 08:00:30 GMT", "date": "Fri, 20 Nov 2026 08:00:00 GMT"},
            30.0,
        ),
        (
            {"retry-after": "Fri, 20 Nov 2026 08:00:00 GMT", "date": "Fri, 20 Nov 2026 08:00:30 GMT"},
            0.0,
        ),
        ({"retry-after": "Fri, 20 Nov 2026 08:00:30 GMT"}, datetime(2026, 11, 20, 8, 0, 30, tzinfo=UTC)),
    ],
)
def test_how_long_to_wait_is_read_in_every_form_it_is_written(headers: dict[str, str], wait: Any) -> None:
    assert _refusal.wait_asked(headers) == wait
