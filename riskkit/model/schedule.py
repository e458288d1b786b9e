"""When a workspace is assessed by itself, and when that last happened."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from .frozen import Frozen, Text


class Weekday(StrEnum):
    """A day of the week, as schedules name it."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Notify(Frozen):
    """Who is told how a night went: a command that reads JSON on standard input, or a webhook that takes it by POST."""

    when: Literal["change", "always"] = Field(
        "change", description="always, or only when the night ended otherwise than the one before"
    )
    command: tuple[Text, ...] = Field((), description="program and arguments, started without a shell")
    host: str = Field("", pattern=r"^[a-z0-9.-]*$", description="the only host the webhook may be at")
    webhook: str = Field(
        "",
        pattern=r"^(env:[A-Z][A-Z0-9_]*)?$",
        validate_default=True,
        description="variable that holds the address, such as env:RISKKIT_WEBHOOK: an address is a secret",
    )

    @field_validator("webhook")
    @classmethod
    def _is_one_of_two(cls, webhook: str, info: ValidationInfo) -> str:
        if bool(webhook) == bool(info.data.get("command")):
            raise ValueError("either command or webhook is wanted")
        if bool(webhook) != bool(info.data.get("host")):
            raise ValueError("host names where the webhook is, and goes with it")
        return webhook


class Schedule(Frozen):
    """``schedule.yml``: at what time, on which days, and who hears of it. Times are UTC."""

    at: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        "02:15", description="time of day in UTC"
    )
    days: tuple[Weekday, ...] = Field(tuple(Weekday), min_length=1, description="all when left out")
    grace_hours: int = Field(6, ge=1, le=168, description="how late it may be before readers are told")
    notify: Notify | None = None

    def next_after(self, moment: datetime) -> datetime:
        """The first time after ``moment`` at which it is due."""
        due = datetime.combine(moment.date(), time.fromisoformat(self.at), moment.tzinfo)
        while due <= moment or list(Weekday)[due.weekday()] not in self.days:
            due += timedelta(days=1)
        return due

    def overdue_after(self, started: datetime) -> datetime:
        """When the run after the one that began at ``started`` is overdue."""
        return self.next_after(started) + timedelta(hours=self.grace_hours)


class Heartbeat(Frozen):
    """The last scheduled run; nothing in it where a schedule is declared and none ever ran."""

    started: datetime | None = None
    ended: datetime | None = None
    exit_code: int | None = Field(None, description="of `riskkit run`")
    overdue_after: datetime | None = Field(None, description="when the next one should have been seen")
