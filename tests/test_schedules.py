"""Ready schedules: each kind is what the program that reads it takes, whatever the workspace is called."""

from __future__ import annotations

import ast
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from riskkit import schedules
from riskkit.errors import InputError, UsageError
from riskkit.model.schedule import Schedule
from tests.example_workspace import Place

TEMPLATES = Path(__file__).parents[1] / "templates" / "schedules"
AWKWARD = "/srv/model risk/100% o'clock $HOME"
KINDS = ("airflow", "cron", "github-actions", "gitlab-ci", "kubernetes", "systemd")


def filled(kind: str, *, root: str = AWKWARD, settings: Schedule | None = None) -> Mapping[str, str]:
    values = schedules.places(settings or Schedule()) | {
        "ROOT": root, "RISKKIT": f"{root}/.venv/bin/riskkit", "NIGHTLY": f"{shlex.quote(root)}/riskkit nightly ",
        "PYTHON": "3.11", "VERSION": "0.1.0",
    }  # fmt: skip
    return schedules.render(TEMPLATES, kind, values)


def test_there_are_six_kinds_and_no_place_is_left_open() -> None:
    assert tuple(schedules.kinds(TEMPLATES)) == KINDS
    for kind in KINDS:
        for name, text in filled(kind).items():
            left = [word for word in text.split() if schedules._PLACE.search(word)]
            assert left == [], (name, left)


def test_the_shell_that_cron_starts_gets_the_folder_as_it_is_called() -> None:
    (text,) = filled("cron").values()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[0].startswith("15 2 * * *  cd ")
    assert lines[1].startswith("@reboot  ")
    for line in lines:
        command = line.split("  ", 1)[1]
        assert "%" not in command.replace(r"\%", ""), "an open % would end the command"
        words = shlex.split(command.replace(r"\%", "%"))
        assert words[words.index("cd") + 1] == AWKWARD
        assert f"{AWKWARD}/.venv/bin/riskkit" in words


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = tmp_path / "100% sure" / ".venv" / "bin" / "riskkit"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name, text in filled("systemd", root=str(tmp_path / "100% sure")).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    units = sorted(str(path) for path in tmp_path.glob("riskkit-nightly.*"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--user", *units],
        capture_output=True, text=True, check=False,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "riskkit-nightly" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize(
    "days", [("mon",), ("sat", "sun"), ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
)
def test_systemd_reads_the_time_as_it_is_meant(days: tuple[str, ...]) -> None:
    settings = Schedule.model_validate({"at": "03:45", "days": days})
    timer = filled("systemd", settings=settings)["riskkit-nightly.timer"]
    (calendar,) = (
        line.removeprefix("OnCalendar=") for line in timer.splitlines() if line.startswith("OnCal")
    )
    base = datetime(2026, 11, 20, 12, tzinfo=UTC)
    command = ["systemd-analyze", "calendar", calendar, "--base-time=2026-11-20 12:00:00 UTC"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin"}
    )
    assert settings.next_after(base).strftime("%Y-%m-%d %H:%M:00 UTC") in done.stdout


@pytest.mark.parametrize(
    ("kind", "schema"), [("github-actions", "vendor.github-workflows"), ("gitlab-ci", "vendor.gitlab-ci")]
)
def test_ci_services_take_their_files(kind: str, schema: str, tmp_path: Path) -> None:
    ((name, text),) = filled(kind).items()
    (tmp_path / name).write_text(text, encoding="utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(tmp_path / name)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / name).write_text(text.replace("runs-on:", "run-on:").replace("  script:", "  scrip:"))
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0, "the check sees nothing"


def test_kubernetes_takes_the_job() -> None:
    import kubernetes_validate

    ((_, text),) = filled("kubernetes", settings=Schedule(grace_hours=3)).items()
    job = yaml.safe_load(text)
    kubernetes_validate.validate(job, "1.31", strict=True)
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert job["spec"]["startingDeadlineSeconds"] == 3 * 3600
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**job, "spec": {**job["spec"], "scedule": ""}}, "1.31", strict=True)


def test_airflow_gets_a_program_that_starts_one_night_at_a_time() -> None:
    ((_, text),) = filled("airflow").items()
    tree = ast.parse(text)
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"datetime", "airflow.providers.standard.operators.bash", "airflow.sdk"}
    calls = {n.func.id: n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    given = {k.arg: ast.literal_eval(k.value) for name in ("DAG", "BashOperator") for k in calls[name].keywords
             if isinstance(k.value, ast.Constant)}  # fmt: skip
    assert (given["schedule"], given["catchup"], given["max_active_runs"]) == ("15 2 * * *", False, 1)
    assert given["cwd"] == AWKWARD
    assert shlex.split(given["bash_command"]) == [f"{AWKWARD}/riskkit", "nightly"]
    assert given["bash_command"].endswith(" "), "else Airflow looks for a template of that name"


def test_a_folder_name_cannot_write_lines_of_its_own() -> None:
    with pytest.raises(UsageError, match="control character"):
        filled("cron", root="/srv/a\n* * * * * evil")


# when it is due ---------------------------------------------------------------------------------------------------


def test_the_next_time_is_found_across_days_and_weeks() -> None:
    friday = datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
    assert Schedule().next_after(friday) == friday + timedelta(days=1)
    assert Schedule().next_after(friday - timedelta(seconds=1)) == friday
    monday = Schedule.model_validate({"days": ("mon",)})
    assert monday.next_after(friday) == datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
    assert monday.overdue_after(friday) == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at: '25:00'\n", "schedule.yml:1: at"),
        ("days: [someday]\n", "schedule.yml:1: days[0]"),
        ("notify: {when: always}\n", "either command or webhook is wanted"),
        (
            "notify: {command: [mail], host: a.example, webhook: env:HOOK}\n",
            "either command or webhook is wanted",
        ),
        ("notify: {webhook: env:HOOK}\n", "host names where the webhook is"),
        ("notify: {host: a.example, webhook: https://a.example/secret}\n", "schedule.yml:1: notify.webhook"),
    ],
)
def test_a_wrong_schedule_is_told_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "schedule.yml").write_text(text)
    with pytest.raises(InputError) as caught:
        schedules.read(tmp_path)
    assert said in str(caught.value)


# the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    made = Place(tmp_path, monkeypatch, capsys)
    shutil.copytree(TEMPLATES, tmp_path / "templates" / "schedules")
    return made


def test_files_are_written_once_and_what_was_edited_is_kept(place: Place) -> None:
    (place.root / "schedule.yml").write_text("at: '04:05'\ndays: [mon, thu]\n")
    code, out, _ = place.riskkit("schedule", "cron")
    file = place.root / "schedules" / "cron" / "riskkit.cron"
    assert (code, out) == (0, f"wrote {file}\n")
    assert "\n5 4 * * 1,4  cd " in file.read_text()
    before = file.stat().st_mtime_ns
    assert place.riskkit("schedule", "cron")[1] == f"unchanged {file}\n"
    assert file.stat().st_mtime_ns == before
    file.write_text(file.read_text().replace("5 4", "6 4"))
    code, _, err = place.riskkit("schedule", "cron")
    assert code == 2
    assert "-6 4 * * 1,4" in err
    assert "+5 4 * * 1,4" in err
    assert "6 4 * * 1,4" in file.read_text()
    assert place.riskkit("schedule", "cron", "--force")[0] == 0
    assert "\n5 4 * * 1,4" in file.read_text()


def test_a_kind_that_is_not_there_is_told_with_those_that_are(place: Place) -> None:
    code, _, err = place.riskkit("schedule", "windows")
    assert code == 2
    assert "one of airflow, cron, github-actions, gitlab-ci, kubernetes, systemd" in err


def test_the_schema_of_the_file_can_be_printed(place: Place) -> None:
    code, out, _ = place.riskkit("schema", "schedule")
    assert code == 0
    assert json.loads(out)["properties"].keys() == {"at", "days", "grace_hours", "notify"}
