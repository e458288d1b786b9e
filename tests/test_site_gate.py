"""The gate lets nothing out that acts, fetches or leads nowhere; the seal allows the theme's scripts alone."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from riskkit.errors import PolicyError
from riskkit.exporters import _gate, gate, seal
from riskkit.model.secret import Secrets

POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'


def site(folder: Path, body: str, *, head: str = POLICY, page: str = "index.html") -> Path:
    (folder / page).parent.mkdir(parents=True, exist_ok=True)
    (folder / page).write_text(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")
    return folder


def test_a_site_without_fault_passes(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("p{background:url(data:image/png;base64,x)}")
    (tmp_path / "b c.png").write_bytes(b"")
    site(tmp_path, '<h2 id="here">x</h2><a name="old"></a>', page="sub/other.html")
    good = """<a href="sub/other.html#here">a</a><a href="sub/other.html#old">b</a><a href="#level=high&amp;x=1">c</a>
        <a href="https://example.org">out</a><a href="mailto:a@example.org">m</a><img src="b%20c.png">
        <link rel="stylesheet" href="a.css"><img src="data:image/png;base64,x"><a href="">self</a>"""
    assert gate(site(tmp_path, good)) == 2


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="gone.html">x</a>', "leads nowhere: gone.html"),
        ('<a href="#gone">x</a>', "no such place on the page: #gone"),
        ('<a href="../outside.html">x</a>', "leads nowhere: ../outside.html"),
        ('<a href="sub">x</a>', "leads nowhere: sub"),
        ('<img src="https://example.org/x.png">', "fetches https://example.org/x.png"),
        ('<script src="//example.org/x.js"></script>', "fetches //example.org/x.js"),
        ('<link rel="stylesheet" href="http://example.org/x.css">', "fetches http://example.org/x.css"),
        ('<form action="https://example.org"></form>', "fetches https://example.org"),
        ('<video poster="https://example.org/p"></video>', "fetches https://example.org/p"),
        ('<base href="https://example.org/">', "fetches https://example.org/"),
        ('<img srcset="a.png 1x, https://example.org/b.png 2x">', "fetches https://example.org/b.png"),
        ('<p onclick="x">y</p>', "acts on its own: <p onclick>"),
        ('<svg onload="x"/>', "acts on its own: <svg onload>"),
        ('<meta http-equiv="refresh" content="0;url=x">', "acts on its own: <meta refresh>"),
        ('<a href="javascript:alert(1)">x</a>', "links to javascript:alert(1)"),
        ('<a href=" JaVaScript:alert(1)">x</a>', "links to"),
        ('<a href="java&#10;script:alert(1)">x</a>', "links to"),
        ('<a href="data:text/html,x">x</a>', "links to data:text/html,x"),
        ('<iframe srcdoc="<script>x</script>"></iframe>', "acts on its own: <iframe srcdoc>"),
        ('<div style="background:url(https://example.org/x)">', "fetches https://example.org/x"),
        ("<style>@import 'https://example.org/x.css'</style>", "fetches https://example.org/x.css"),
    ],
)
def test_a_fault_is_named_with_its_page(tmp_path: Path, body: str, fault: str) -> None:
    (tmp_path / "sub").mkdir()
    with pytest.raises(PolicyError, match=re.escape(f"index.html: {fault}")):
        gate(site(tmp_path, body))


def test_a_page_without_policy_does_not_pass(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"index\.html: has no content security policy"):
        gate(site(tmp_path, "x", head=""))


def test_evidence_holds_no_script_even_of_our_own(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("")
    assert gate(site(tmp_path, '<script src="a.js"></script>')) == 1
    with pytest.raises(PolicyError, match=r"evidence/x/index\.html: holds 1 script"):
        gate(site(tmp_path, '<script src="../../a.js"></script>', page="evidence/x/index.html"))


def test_style_sheets_fetch_nothing_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text('@import url("https://example.org/f.css"); p{}')
    with pytest.raises(PolicyError, match=r"a\.css: fetches https://example\.org/f\.css"):
        gate(site(tmp_path, "x"))


def test_many_faults_are_cut_and_counted(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"and 10 more"):
        gate(site(tmp_path, "".join(f'<a href="gone{n}">x</a>' for n in range(30))))


def test_the_seal_allows_exactly_the_themes_scripts(tmp_path: Path) -> None:
    head = '<meta http-equiv="Content-Security-Policy" content="@@CSP@@"><script>var theme=1</script>'
    site(tmp_path, '<script type="application/json">{}</script><article>text</article>', head=head)
    assert seal(tmp_path) == 1
    text = (tmp_path / "index.html").read_text()
    digest = base64.b64encode(hashlib.sha256(b"var theme=1").digest()).decode()
    assert re.findall(r"'sha256-[^']+'", text) == [f"'sha256-{digest}'"]
    assert "'unsafe-inline'" not in text.split("script-src")[1].split(";")[0]
    assert gate(tmp_path) == 1


def test_a_script_in_the_text_of_a_page_stops_the_seal_before_anything_is_written(tmp_path: Path) -> None:
    head = '<meta http-equiv="Content-Security-Policy" content="@@CSP@@">'
    site(tmp_path, "<article>fine</article>", head=head, page="a.html")
    site(tmp_path, "<article><script>alert(1)</script></article>", head=head, page="b.html")
    with pytest.raises(PolicyError, match=r"b\.html: a script in the page's text: 'alert\(1\)'"):
        seal(tmp_path)
    assert "@@CSP@@" in (tmp_path / "a.html").read_text()


@pytest.mark.parametrize("before", [0, 90, 100, 250])
def test_a_key_is_found_wherever_it_lies_in_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    monkeypatch.setattr(_gate, "_PIECE", 100)
    monkeypatch.setattr(_gate, "_LONGEST", 50)
    (tmp_path / "register.csv").write_text("." * before + "hunter2hunter2" + "." * 300)
    with pytest.raises(PolicyError, match=r"register\.csv: gives away the value of DB_PASSWORD"):
        gate(tmp_path, secrets=Secrets({"DB_PASSWORD": "hunter2hunter2"}))


def test_a_key_that_somebody_wrote_into_a_page_stops_the_publication(tmp_path: Path) -> None:
    site(tmp_path, "<p>call it with sk-abcdefghijklmnopqrstuvwxyz0123</p>", page="a.html")
    (tmp_path / "register.json").write_text('{"note": "hunter2hunter2"}')
    with pytest.raises(PolicyError) as refused:
        gate(tmp_path, secrets=Secrets({"DB_PASSWORD": "hunter2hunter2"}))
    assert str(refused.value).splitlines() == [
        "the site is not published:",
        "a.html: gives away what looks like a OpenAI-style key",
        "register.json: gives away the value of DB_PASSWORD",
    ]


@pytest.mark.parametrize("between", [" ", "\n", "\n  \n"])
@pytest.mark.parametrize("around", ["<p>{}</p>", "<article><h1>x</h1>{}</article>", "<p>{}<3</p>"])
def test_a_key_that_goes_on_in_the_next_line_is_found(tmp_path: Path, between: str, around: str) -> None:
    site(tmp_path, around.format(f"Authorization: Bearer{between}abcdefghijklmnopqrstuvwxyz"))
    with pytest.raises(PolicyError, match=r"index\.html: gives away what looks like a bearer token"):
        gate(tmp_path)


def test_a_key_in_the_title_of_a_page_is_found(tmp_path: Path) -> None:
    head = f"{POLICY}<title>sk-abcdefghijklmnopqrstuvwxyz0123</title>"
    for name in ("a.html", "b.html"):
        site(tmp_path, "<article>text</article>", head=head, page=name)
        with pytest.raises(PolicyError, match=f"{name}: gives away what looks like a OpenAI-style key"):
            gate(tmp_path)


def test_the_same_site_without_a_key_is_published(tmp_path: Path) -> None:
    site(tmp_path, "<p>call it with the key in MODEL_KEY</p>")
    gate(tmp_path, secrets=Secrets({"DB_PASSWORD": "hunter2hunter2"}))
