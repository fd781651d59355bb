"""What a night did: landed files, accounting, quarantine, checks and the plan's version."""

from __future__ import annotations

from warehouse.tables.columns import (
    BUSINESS_DATE,
    CHANNEL,
    LINE_OF_BUSINESS,
    PLAN_DATE,
    QUEUE_ID,
    SOURCE_SYSTEM,
    count,
    day,
    flag,
    instant,
    number,
    text,
)
from warehouse.tables.declaration import Table

SEVERITIES = ("stop", "quarantine", "warn")
DECISIONS = ("promoted", "rolled_back")
ACTIONS = ("kept_back", "held", "noted", "released")
STAGES_BESIDE_THE_PLAN = ("workstreams", "audit")
"""Stages whose tables no plan rests on: what fails there is told, and keeps nothing back."""
STEP_STATUSES = ("success", "failed", "skipped", "upstream_failed", "removed", "not_run")
SUBJECT_KINDS = ("queue", "source", "claims", "table")

LANDING_FILES = Table(
    "landing_files",
    layer="run",
    grain="one landed file of one source",
    meaning="What was received, when it was first seen for which night, and whether its rows add up.",
    key=(SOURCE_SYSTEM, text("landing_file", "Content hash and name: where the bytes lie in landing.")),
    columns=(
        BUSINESS_DATE.named("business_date", "Night on which the file was taken in."),
        text("source_name", "Name of the file or table in the source system."),
        count("size_bytes", "bytes", "Size as received."),
        count("rows_in", "rows", "Rows (or events) read from it."),
        count("rows_kept", "rows", "Rows that became core rows or parts of core rows."),
        count("rows_quarantined", "rows", "Rows put aside with a reason."),
        count("rows_duplicate", "rows", "Exact duplicates of rows already there."),
    ),
    partitioned_by=BUSINESS_DATE,
)

QUARANTINE = Table(
    "quarantine",
    layer="run",
    grain="one rejected row of a landed file and the rule that rejected it",
    meaning="Rows that were not used, with the reason. Nothing is ever lost: the bytes are still in landing.",
    key=(
        SOURCE_SYSTEM,
        text("landing_file", "Landing file the row came from."),
        count("landing_row", "row", "Row in the file, from 1; 0 for the file as a whole."),
        text("rule", "Rule that rejected it."),
    ),
    columns=(
        BUSINESS_DATE.named("business_date", "Night on which it was rejected."),
        text("table_name", "Table it was meant for."),
        text("queue_id", "Queue it belongs to, where that can be told.").optional(),
        text("reason", "What was wrong, what was expected, and the next step."),
        text("row_text", "The row as received, cut at 500 characters.").optional(),
    ),
    partitioned_by=BUSINESS_DATE,
)

SOURCE_READS = Table(
    "source_reads",
    layer="run",
    grain="one night and source",
    meaning="Whether the night could read the source to its end: one that could not counts as missing, and the rest goes ahead.",
    key=(BUSINESS_DATE.named("business_date", "The night."), SOURCE_SYSTEM),
    columns=(
        flag("was_read", "Whether it was read to its end."),
        day("last_read_date", "Last night that read it to its end; missing where none did.").optional(),
        text("reason", "Why it could not be read.").optional(),
    ),
    partitioned_by=BUSINESS_DATE,
)

SOURCE_CHANGES = Table(
    "source_changes",
    layer="run",
    grain="one column of one kind of file or table of a source that is not what it was",
    meaning="Columns that came, went, were renamed or hold another kind of value than before, as noticed when rows were read.",
    key=(
        SOURCE_SYSTEM,
        text("landing_file", "Landing file in which it was noticed first."),
        text("form_name", "Kind of file or table of the source."),
        text("column_name", "Column in the source; the former name of one that was renamed."),
        text("change", "What happened to it.", allowed=("new", "missing", "renamed", "retyped")),
    ),
    columns=(
        BUSINESS_DATE.named("business_date", "Night on which it was noticed."),
        text("before", "Name or kind of values before; empty for a new column."),
        text("after", "Name or kind of values now; empty for one that is missing."),
        flag("mapped", "Whether the settings or the reader use the column: if not, nothing changes in the plan."),
        text("next_step", "What to do about it."),
    ),
    partitioned_by=BUSINESS_DATE,
)

DATA_QUALITY = Table(
    "data_quality",
    layer="run",
    grain="one night, table and rule",
    meaning="What every check of the night found.",
    key=(PLAN_DATE, text("stage", "Stage of the night."), text("table_name", "Table checked."), text("rule", "Rule.")),
    columns=(
        text("severity", "What a failure does.", allowed=SEVERITIES),
        text("result", "Outcome.", allowed=("passed", "failed")),
        count("rows_checked", "rows", "Rows looked at."),
        count("rows_failed", "rows", "Rows that break the rule."),
        count("rows_quarantined", "rows", "Rows put aside for it."),
        text("queues_affected", "Queues touched, separated by commas.").optional(),
        text("observed", "What was seen, in words.").optional(),
        text("expected", "What was expected, in words."),
        text("next_step", "What to do about it.").optional(),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

QUALITY_FINDINGS = Table(
    "quality_findings",
    layer="run",
    grain="one night, rule, subject and day of which the rule does not hold",
    meaning="Where checks failed: which queue, feed or table and which day, what was seen and expected, and what the plan did.",
    key=(
        PLAN_DATE,
        text("rule", "Rule."),
        text("subject_kind", "What the finding is about.", allowed=SUBJECT_KINDS),
        text("subject_id", "Which one: a queue, a source of the settings, a line of business of claims, or a table."),
        BUSINESS_DATE.named("business_date", "Day whose data break the rule; for a forecast or plan, the night."),
    ),
    columns=(
        text("stage", "Stage of the night."),
        text("table_name", "Table checked."),
        text("severity", "What a failure does.", allowed=SEVERITIES),
        text(
            "action",
            "What the plan did: kept_back (no plan tonight), held (the day is left out and the plan rests on the last good "
            "one), noted (nothing), released (a person said that the day is right).",
            allowed=ACTIONS,
        ),
        text("measure", "What was measured, with its unit in the name; missing where the rule is about form.").optional(),
        number("observed_value", "unit of the measure", "What was seen.", minimum=None).optional(),
        number("expected_value", "unit of the measure", "What was expected.", minimum=None).optional(),
        number("expected_low", "unit of the measure", "Lowest value that would have been accepted.", minimum=None).optional(),
        number("expected_high", "unit of the measure", "Highest value that would have been accepted.", minimum=None).optional(),
        text("reason", "What was seen and what was expected, in words."),
        text("next_step", "What to do about it."),
    ),
    partitioned_by=PLAN_DATE,
    published=True,
)

QUALITY_RELEASES = Table(
    "quality_releases",
    layer="run",
    grain="one rule, subject and day that a person released",
    meaning="Held days that a person looked at and found right, with who and why: from then on the rule no longer holds them.",
    key=tuple(column for column in QUALITY_FINDINGS.key if column is not PLAN_DATE),
    columns=(
        text("released_by", "Who released it."),
        text("release_reason", "Why it is right."),
        instant("released_at", "When it was released."),
    ),
    partitioned_by=BUSINESS_DATE,
)

PLAN_VERSION = Table(
    "plan_version",
    layer="run",
    grain="one published version of one night's plan",
    meaning="Every plan ever published. Exactly one is current.",
    key=(PLAN_DATE, count("version", "version", "Version of that night's plan, from 1.", minimum=1)),
    columns=(
        text("status", "Whether it is the plan in force.", allowed=("draft", "current", "superseded", "rejected")),
        text("code_version", "Version of Leadline that made it."),
        text("settings_hash", "Hash of the settings it was made with."),
        text("source_partitions", "Content hash of every lake partition used, as JSON."),
        text("content_hash", "Hash of the published rows: the same plan published twice has the same hash."),
        count("checks_passed", "checks", "Checks that passed."),
        count("checks_failed", "checks", "Checks that failed without stopping the plan."),
        instant("made_at", "When it was published."),
    ),
    published=True,
)

PLAN_DECISIONS = Table(
    "plan_decisions",
    layer="run",
    grain="one time that a person chose the plan in force",
    meaning="Who put a published plan in force or took it out, and why. What the nights publish themselves is not in here.",
    key=(count("decision", "decision", "Number of the decision, from 1.", minimum=1),),
    columns=(
        text("kind", "What was done: a chosen plan put in force, or the one in force rejected.", allowed=DECISIONS),
        PLAN_DATE.named("plan_date", "Night of the plan that has been in force since."),
        count("version", "version", "Its version.", minimum=1),
        PLAN_DATE.named("former_plan_date", "Night of the plan that was in force before."),
        count("former_version", "version", "Its version.", minimum=1),
        text("decided_by", "Who decided."),
        text("reason", "Why."),
        instant("decided_at", "When."),
    ),
    published=True,
)

QUEUE = Table(
    "queue",
    layer="run",
    grain="one queue",
    meaning="The queues in people's words, as the settings had them when a plan was last published. A queue once named stays.",
    key=(QUEUE_ID,),
    columns=(
        text("queue_name", "Name that people use."),
        CHANNEL,
        LINE_OF_BUSINESS,
        text("line_of_business_name", "Name of the line of business that people use."),
        text("site", "Site that works on the queue."),
        text("site_name", "Name of the site that people use."),
        text("time_zone", "Time zone of the enterprise, in which its days begin and end."),
        flag("is_deferred", "Whether the work can wait and is planned by due times."),
        text("service_goal", "The service goal in words, with its definition."),
    ),
    published=True,
)

RUN_SUMMARY = Table(
    "run_summary",
    layer="run",
    grain="one night and step, as it last ran",
    meaning="How each step of a night went: rows, time, outcome, and what it says about the plan. A night that is run again is "
    "told anew. In the warehouse only: times differ from run to run, and the lake's bytes do not.",
    key=(
        BUSINESS_DATE.named("business_date", "The night."),
        text("step", "Step: a task of the night, or extract_ with the name of the source."),
    ),
    columns=(
        text("status", "How it ended.", allowed=STEP_STATUSES),
        count("task_runs", "tasks", "Pieces the scheduler ran for it; 0 where only its outcome is known."),
        number("task_seconds", "seconds", "Time its pieces took, added up; missing where the scheduler did not say.").optional(),
        count("rows_in", "rows", "Rows read from the files that the night took in; of sources only.").optional(),
        count("rows_kept", "rows", "Rows of these that were used; of sources only.").optional(),
        count("rows_quarantined", "rows", "Rows of these put aside with a reason; of sources only.").optional(),
        count("rows_duplicate", "rows", "Rows of these known already; of sources only.").optional(),
        count("rows_written", "rows", "Rows that the tables it fills hold of the night; missing where it fills none.").optional(),
        count("queues", "queues", "Queues that were forecast or staffed; of those two steps only.").optional(),
        number(
            "yesterday_error_fraction",
            "fraction",
            "Distances of the queues' forecasts from what came, over what came, for the day that just closed and the shortest "
            "lead; of the step that measures it, where that day was planned and had contacts.",
        ).optional(),
        count(
            "version", "version", "Version of the night's plan in the warehouse; of the publishing step.", minimum=1
        ).optional(),
        count("flags", "findings", "Findings of its checks that hold a day or keep the plan back; of checks only.").optional(),
        text("flagged_rules", "Their rules, separated by commas.").optional(),
        text("log_address", "Where the scheduler shows its log.").optional(),
        instant("recorded_at", "When this was written."),
    ),
    published=True,
)

RUN_TABLES = (
    LANDING_FILES,
    QUARANTINE,
    SOURCE_READS,
    SOURCE_CHANGES,
    DATA_QUALITY,
    QUALITY_FINDINGS,
    QUALITY_RELEASES,
    PLAN_VERSION,
    PLAN_DECISIONS,
    QUEUE,
    RUN_SUMMARY,
)
