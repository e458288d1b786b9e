"""Attack payloads in transcripts, tables and generated code are counted, shown inert, and take no time to speak of."""

from __future__ import annotations

import contextlib
import re
import time

import pandas as pd
import pytest
from test_hostile_answers import PAYLOADS, answers, whole

from riskkit.charts.attacks import attack_outcomes
from riskkit.charts.claims import claims_by_outcome
from riskkit.charts.synthetic import column_shifts
from riskkit.measures import (
    access,
    analyst,
    attack_probes,
    copies,
    fidelity,
    generated_code,
    imported_attacks,
    leaks,
    outputs,
    reach,
    tails,
    verbatim,
    word_screens,
)
from riskkit.measures.identifiers import identifiers
from riskkit.model import Sample

MORE = {
    "digits": "1 " * 20_000,
    "dots": "1." * 20_000,
    "mails": "a@" * 10_000 + "a." * 10_000,
    "colons": "a:" * 20_000,
    "iban": "GB82 " * 10_000,
    "assigned": "password=" * 8_000,
    "links": "http://a:" * 6_000,
    "fence": "```python\n" * 4_000,
    "deep code": "```python\n" + "(" * 3_000 + "\n```",
    "pip": "pip install " * 5_000,
    "table": "a,b\n" + "<b>x</b>,1e308\n" * 50 + "\x1b[2J,2",
}
EVERY = {**{n: p for n, p in PAYLOADS.items() if n != "long"}, **MORE}
pytestmark = pytest.mark.slow
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def hostile(payload: str) -> list[Sample]:
    given = {"probe": "injection", "sign": "ZEBRAZEBRA", "explanation": payload, "detector:d": "1"}
    return [s.model_copy(update={"attributes": given}) for s in answers(whole(payload))]


@pytest.mark.parametrize("name", EVERY)
def test_tables_of_every_measure_are_inert(name: str) -> None:
    samples = hostile(EVERY[name])
    tables = [
        leaks.check(samples),
        outputs.check(samples),
        word_screens.check(samples),
        imported_attacks.check(samples, detector="detector:d").drop(columns="response"),
        verbatim.check(samples, ["one two three four five six"], least=5),
        generated_code.check(samples, known=frozenset({"numpy"})),
        attack_probes.check(samples).drop(columns="response"),
    ]
    for table in tables:
        shown = table.drop(columns="prompt_id").to_html()
        assert not re.search(r"<(?!/?(?:table|thead|tbody|tr|th|td)\b)", shown)
        assert not UNSEEN.search(shown)


@pytest.mark.parametrize("name", EVERY)
def test_looking_for_identifiers_takes_no_time_to_speak_of(name: str) -> None:
    started = time.process_time()
    identifiers(whole(EVERY[name]))
    outputs.check([Sample(prompt_id="a", response=whole(EVERY[name]))])
    assert time.process_time() - started < 3


@pytest.mark.parametrize("name", EVERY)
def test_a_report_and_a_table_of_such_text_are_refused_or_counted(name: str) -> None:
    payload = whole(EVERY[name])
    report = Sample(
        prompt_id="r", response=f"Total sales were 3. {payload[:4000]}", context="year,sales\n1,1\n2,2"
    )
    chart = claims_by_outcome(analyst.check([report]))
    assert not UNSEEN.search(chart.about)
    with contextlib.suppress(ValueError):
        analyst.check([report.model_copy(update={"context": payload})])


def test_a_refused_table_is_told_without_what_nobody_can_see() -> None:
    for context in ("\x1b[2J,\u202e", "a,b\n1,1e300\n2,3"):
        with pytest.raises(ValueError, match="table") as caught:
            analyst.check([Sample(prompt_id="\x1b[2Jr", response="It was 7.", context=context)])
        assert not UNSEEN.search(str(caught.value))


def test_names_of_tools_roles_and_columns_are_shown_escaped() -> None:
    bad = "\x1b[2J<script>alert(1)</script>\u202e"
    tried = {"role": bad, "document": bad, "allowed": "no", "sign": "ZEBRA"}
    table = access.matrix(access.check([Sample(prompt_id="a", response="ZEBRA", attributes=tried)]))
    assert not UNSEEN.search(table.to_html())
    assert "<script" not in table.to_html()
    assert reach.act("\x1b[2J<b>") == "reads"
    rows = pd.DataFrame({bad: [f"{bad}{i % 7}" for i in range(120)], "x": [float(i) for i in range(120)]})
    distances = fidelity.column_distances(rows, rows)
    chart = column_shifts(distances, tails.by_column(rows, rows))
    assert not UNSEEN.search(chart.about)
    assert copies.check(rows, rows)["exact"].all()


def test_a_chart_of_no_probe_says_so() -> None:
    assert "No probe was tried" in attack_outcomes(attack_probes.check([])).about


def test_a_canary_in_a_secret_is_never_shown_whole() -> None:
    token = "gh" + "p_" + "a1B2" * 9
    samples = [Sample(prompt_id="a", response=f"here: {token}"), Sample(prompt_id="b", response="no")]
    assert token not in leaks.check(samples).to_html()
    assert token not in leaks.secret_leak_rate(samples).model_dump_json()
