"""Sources that state figures and answers instead of single contacts: interval reports and surveys."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from enterprise.model import Settings

Name = Annotated[str, Field(min_length=1)]


def local_format(written: str) -> str:
    """Refuse a form of times that names a zone: such times are read as ISO 8601."""
    if "%z" in written or "%Z" in written:
        raise ValueError(f"{written!r} names a zone; leave time_format empty for ISO 8601 with an offset, or export local times")
    return written


class ReportColumns(Settings):
    """Columns of an interval report, by the names in its header; empty where the report has none."""

    queue: str = ""
    """May be empty where the report is of one queue, which `queues` then names alone."""
    interval_start: str = ""
    date: str = ""
    """With `time` instead of `interval_start`, where they stand apart; of a time such as `08:00-08:30` the first counts."""
    time: str = ""
    offered: str = ""
    """Empty: answered and abandoned together."""
    answered: str = ""
    abandoned: str = ""
    answered_within: str = ""
    answered_within_percent: str = ""
    """0 to 100, with or without a percent sign, of what `percent_of` says."""
    handle: tuple[str, ...] = ()
    """Columns that make up the handle time of all contacts: talk, hold and after-contact work, together or apart."""
    mean_handle: tuple[str, ...] = ()
    """The same per answered contact."""
    wait: str = ""
    """Waiting time of all contacts."""
    mean_wait_answered: str = ""
    """Waiting time per answered contact; used with `mean_wait_abandoned`."""
    mean_wait_abandoned: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.interval_start) == bool(self.date and self.time):
            raise ValueError("say either interval_start, or date and time: the column(s) in which the interval's start stands")
        if not self.offered and not (self.answered and self.abandoned):
            raise ValueError("say offered, or answered and abandoned together")
        for one, other in ((self.answered_within, self.answered_within_percent), (self.handle, self.mean_handle)):
            if one and other:
                raise ValueError(f"{one} and {other} say the same; keep one")
        return self


class IntervalReport(Settings):
    """Interval reports (CSV) as Avaya CMS, Genesys, Five9 and others export them: counts per queue and interval."""

    kind: Literal["interval_report"]
    url: Name
    queues: Annotated[dict[str, str], Field(min_length=1)]
    """Queue in the report -> queue id; several of the report's may be one queue."""
    columns: ReportColumns
    interval_minutes: Literal[5, 10, 15, 20, 30, 60] = 30
    """Length of the report's intervals: the enterprise's, or a part of it."""
    time_zone: str = ""
    """Time zone of times that name none; empty for the enterprise's."""
    time_format: Annotated[str, AfterValidator(local_format)] = ""
    """How dates and times are written (`%m/%d/%Y %I:%M %p`); empty for ISO 8601."""
    durations: Literal["seconds", "milliseconds", "minutes", "hh:mm:ss"] = "seconds"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    percent_of: Literal["answered", "offered"] = "answered"
    total_words: tuple[str, ...] = ("total", "totals", "grand total", "summary")
    """Words in the place of a queue or time that mark a row of totals; so does an empty one."""
    empty_words: tuple[str, ...] = ("-", "--", "n/a")
    """How the report writes that there is nothing."""
    heading_lines: Annotated[int, Field(ge=0, le=100)] = 0
    """Most lines of a heading above the names of the columns."""

    @model_validator(mode="after")
    def _one_queue_or_a_column(self) -> Self:
        if not self.columns.queue and len(self.queues) != 1:
            raise ValueError("columns.queue is needed where the report is of several queues")
        if self.thousands == self.decimal:
            raise ValueError(f"thousands and decimal are both {self.decimal!r}; they must differ")
        return self


class SurveyColumns(Settings):
    """Columns of a survey's answers, by the names in the header; empty where there is none."""

    survey_id: Name
    """What tells answers apart for good: a row sent again replaces itself by it."""
    answered_at: Name
    contact_id: str = ""
    case_id: str = ""
    agent_id: str = ""
    topic: str = ""
    """What was asked, where each row is the answer to one question."""
    score: str = ""
    """The score, where each row is the answer to one question."""


class SurveyQuestion(Settings):
    """A question that has a column of its own."""

    column: Name
    maximum: Annotated[float, Field(gt=0)]
    """Highest score possible."""
    minimum: float = 0.0


class Surveys(Settings):
    """Answers of customers about contacts (CSAT, NPS) or of employees about work (pulse), CSV."""

    kind: Literal["surveys"]
    url: Name
    columns: SurveyColumns
    respondent_kind: Literal["customer", "employee"] = "customer"
    questions: dict[str, SurveyQuestion] = Field(default_factory=dict)
    """Topic -> its column, where the questions of one answer stand side by side."""
    scales: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Topic -> highest score, where each row is the answer to one question; `*` for all others."""
    words: dict[str, float] = Field(default_factory=dict)
    """Answers written as words -> their score, compared without regard to case."""
    contacts_of: str = ""
    """Source whose contacts `contact_id` names; empty where the column names them in full."""
    cases_of: str = ""
    """Source whose cases `case_id` names; empty where the column names them in full."""
    time_zone: str = ""
    """Time zone of times that name none; empty for the enterprise's."""
    time_format: Annotated[str, AfterValidator(local_format)] = ""
    """How times are written; empty for ISO 8601."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.questions) == bool(self.columns.score):
            raise ValueError("say either columns.score (a row per question) or questions (a column per question)")
        if self.columns.score and not self.scales:
            raise ValueError('scales is needed: the highest score per topic, or for all of them as { "*" = 5 }')
        return self
