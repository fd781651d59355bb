"""Where each source system is found and how its names map to the enterprise's."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import AfterValidator, Field, SecretStr, model_validator

from enterprise.case_sources import ZendeskTickets
from enterprise.model import Settings
from enterprise.report_sources import IntervalReport, Surveys, local_format

Name = Annotated[str, Field(min_length=1)]


def _one_group(pattern: str) -> str:
    """Refuse a regular expression that cannot be read or does not say with one group what to take."""
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    if pattern and groups != 1:
        raise ValueError(f"{pattern!r} has {groups} groups; put exactly the part to take in ( )")
    return pattern


Pattern = Annotated[str, AfterValidator(_one_group)]


Line = TypeVar("Line", str, SecretStr)


def _of_one_line(value: Line) -> Line:
    """Refuse what is empty or holds a control character: it could not be sent to a server as it is."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not text or any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("it is empty or holds a line end or another control character; write it on one line")
    return value


OneLine = Annotated[str, AfterValidator(_of_one_line)]


def folder_key(folder: str) -> str:
    """Name of an IMAP folder as it is compared: "INBOX" in any case is the same folder (RFC 3501, section 5.1).

    Example:
        >>> folder_key("Inbox"), folder_key("Inbox/Old")
        ('INBOX', 'Inbox/Old')
    """
    return "INBOX" if folder.upper() == "INBOX" else folder


MappedCoreTable = Literal[
    "contacts", "interval_reports", "messages", "cases", "case_events", "claims", "claim_events",
    "agents", "agent_states", "schedules", "surveys", "driver_values",
]  # fmt: skip
"""Core tables that a source can fill."""


class AsteriskQueueLog(Settings):
    """Asterisk `queue_log` files: `url` is a folder or a glob on any fsspec URL; gzipped files are recognised."""

    kind: Literal["asterisk_queue_log"]
    url: Name
    queues: dict[str, str]
    """PBX queue name -> queue id."""
    wrap_pause_reason: str = "wrap"
    """PAUSE with this reason right after a call is that call's after-contact work."""
    callback_call_pattern: Pattern = ""
    """Regular expression with one group that call ids of call-backs match: the call id of the call that asked. Empty: none."""
    callback_caller_pattern: Pattern = ""
    """Regular expression with one group that the caller ids of call-backs match: the customer's number. Empty: none."""


class ConnectContactRecords(Settings):
    """Amazon Connect contact records, JSON Lines."""

    kind: Literal["connect_contact_records"]
    url: Name
    queues: dict[str, str]
    """Connect queue name -> queue id."""


class MailRules(Settings):
    """What is alike for all mail: who we are, and where the numbers of claims and customers stand."""

    our_addresses: tuple[str, ...]
    """Addresses or `@domains` of the enterprise: mails from them are outbound."""
    claim_pattern: Pattern = ""
    """Regular expression with one group that finds a claim number in a subject; empty for none."""
    customer_pattern: Pattern = ""
    """Regular expression with one group that finds the customer number in an address; empty: the address is the customer."""


class MboxArchive(MailRules):
    """Mail archives in mbox format, one file name prefix per mailbox."""

    kind: Literal["mbox"]
    url: Name
    queues: dict[str, str]
    """File name prefix (before the first `-YYYY-MM`) -> queue id."""


class OAuth2(Settings):
    """Where a mail provider gives access tokens (RFC 6749), which it wants instead of a password.

    With a refresh token it is asked for in the name of the person who allowed it once (Google), else in the name of the
    application that an administrator allowed (Microsoft 365).
    """

    token_url: Annotated[OneLine, Field(pattern="^https://")]
    client_id: OneLine
    client_secret: Annotated[SecretStr, AfterValidator(_of_one_line)]
    """Written as `"${VARIABLE}"`, so that it stands in no file."""
    refresh_token: Annotated[SecretStr, AfterValidator(_of_one_line)] | None = None
    """Written as `"${VARIABLE}"` too; left out for the application's own access."""
    scope: str = ""
    """What the access is for, as the provider names it, e.g. `https://outlook.office365.com/.default`."""
    ca_file: str = ""
    """Certificates (PEM) of the authority that signed the token server's; empty for those that this machine trusts."""


class ImapMailbox(MailRules):
    """A mailbox over IMAP4 with TLS from the first byte; header fields are read, bodies never, and nothing is changed."""

    kind: Literal["imap"]
    host: OneLine
    """Name in the server's certificate."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 993
    user: OneLine
    password: Annotated[SecretStr, AfterValidator(_of_one_line)] | None = None
    """Written as `"${VARIABLE}"`, so that it stands in no file; left out where `oauth2` is given."""
    oauth2: OAuth2 | None = None
    """How to get an access token, for providers that take no password."""
    folders: Annotated[dict[str, str], Field(min_length=1)]
    """IMAP folder -> queue id of the customers' mails that arrive or are filed there."""
    sent_folders: dict[str, str] = Field(default_factory=dict)
    """IMAP folder of what we sent -> queue id of mails that answer nobody; a reply belongs to the queue of its question."""
    former_folders: dict[str, str] = Field(default_factory=dict)
    """IMAP folder that is there no longer -> queue id: what was read from it stays."""
    ca_file: str = ""
    """Certificates (PEM) of the authority that signed the server's; empty for those that this machine trusts."""
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """How long to wait for the connection, and for each next part of an answer."""

    @property
    def queues(self) -> dict[str, str]:
        """Folder -> queue id, over all folders."""
        return {**self.former_folders, **self.folders, **self.sent_folders}

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.password is None) == (self.oauth2 is None):
            raise ValueError("give either password or oauth2: the first for an app password, the second for access tokens")
        return self

    @model_validator(mode="after")
    def _one_meaning_per_folder(self) -> Self:
        named = [name for folders in (self.folders, self.sent_folders, self.former_folders) for name in map(folder_key, folders)]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"folder {', '.join(twice)} is named twice among folders, sent_folders and former_folders; keep one")
        return self


class SalesforceCases(Settings):
    """Salesforce Case and case-history exports, CSV."""

    kind: Literal["salesforce_cases"]
    url: Name
    """Case exports."""
    history_url: str = ""
    """Case-history exports; empty for none."""
    queues: dict[str, str]
    """Case `Type` -> queue id, compared without regard to case."""
    customer_column: str = ""
    """Column that holds the customer number; empty for the account, or the contact where there is none."""


class ClaimsDatabase(Settings):
    """A claims database behind any SQLAlchemy URL; table names and columns mapped."""

    kind: Literal["claims_database"]
    url: Name
    claims_table: Name = "claims"
    events_table: Name = "claim_status_history"
    claims_columns: dict[str, str]
    """Core column of `claims` -> column of the source."""
    events_columns: dict[str, str]
    """Core column of `claim_events` -> column of the source."""
    time_zone: Name = "UTC"
    """Time zone of times that name none."""
    watermark_column: Name = "updated_at"
    overlap_seconds: Annotated[float, Field(ge=0)] = 3600.0
    deleted_column: str = ""
    """Column of the claims table that says when, or whether (true or 1), a claim was deleted; empty for none."""
    assessed_status: Name = "assessed"
    """Status whose first event ends the work of the claims queue."""


class WorkforceFiles(Settings):
    """Agents, schedules and back-office activities, CSV."""

    kind: Literal["workforce"]
    agents_url: Name
    schedules_url: str = ""
    activities_url: str = ""


class MappedTable(Settings):
    """Any CSV or Parquet file, or SQL table, whose columns are mapped in the settings: a system not listed needs no code."""

    kind: Literal["mapped_table"]
    url: Name
    """Files, or for `sql` the database as SQLAlchemy names it."""
    format: Literal["csv", "parquet", "sql"] = "csv"
    table: MappedCoreTable
    """Core table that the rows go to."""
    columns: dict[str, str]
    """Core column -> source column."""
    constants: dict[str, str] = Field(default_factory=dict)
    """Core column -> the same value for every row."""
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Core column -> {value in the source: value in Leadline}; a value not listed is quarantined."""
    leave_out: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Source column -> values whose rows are put aside with rule `left_out_by_settings`."""
    time_zone: str = ""
    """Time zone of naive timestamps; empty for the enterprise's."""
    time_format: Annotated[str, AfterValidator(local_format)] = ""
    """How times are written (`%d.%m.%Y %H:%M`), where they are text; empty for ISO 8601."""
    date_format: Annotated[str, AfterValidator(local_format)] = ""
    """How dates alone are written (`%d.%m.%Y`), where they are text; empty for ISO 8601."""
    durations: Literal["seconds", "milliseconds", "minutes", "hh:mm:ss"] = "seconds"
    """How durations are written, where they are text."""
    decimal: Literal["", ".", ","] = ""
    """Sign before fractions, where numbers are text; empty: a point, or a comma that cannot stand between thousands."""
    thousands: Literal["", ",", ".", " ", "'"] = ""
    """Sign between groups of three digits; needs `decimal`."""
    ids_of: str = ""
    """Source whose contacts, cases or mails the rows speak of, where they come from another one; empty for this one's own."""
    database_table: str = ""
    """For `sql`: table or view, with its schema before a point where it has one."""
    key_column: str = ""
    """For `sql`: column that tells rows apart; empty for the one mapped to the first key column of the core table."""
    watermark_column: str = ""
    """For `sql`: column that grows when a row is written; empty: the table is read whole every night."""
    overlap_seconds: Annotated[float, Field(ge=0)] = 3600.0
    """How far before the last watermark a night reads again, for transactions that were then still open."""

    @model_validator(mode="after")
    def _numbers_in_one_way(self) -> Self:
        if self.thousands and self.decimal in ("", self.thousands):
            raise ValueError(f"thousands is {self.thousands!r} and decimal {self.decimal!r}; say both, and not the same")
        return self

    @model_validator(mode="after")
    def _database_for_sql(self) -> Self:
        if self.format == "sql" and not self.database_table:
            raise ValueError("format sql needs database_table: the table or view to read")
        if self.format != "sql" and (self.database_table or self.watermark_column or self.key_column):
            raise ValueError(
                f"database_table, key_column and watermark_column are for format sql; leave them out of {self.format}"
            )
        return self


_KINDS = (
    AsteriskQueueLog
    | ConnectContactRecords
    | MboxArchive
    | ImapMailbox
    | SalesforceCases
    | ClaimsDatabase
    | WorkforceFiles
    | MappedTable
    | IntervalReport
    | Surveys
    | ZendeskTickets
)
Source = Annotated[_KINDS, Field(discriminator="kind")]
SOURCE_KINDS = tuple(str(get_args(source.model_fields["kind"].annotation)[0]) for source in get_args(_KINDS))
"""What `kind` may say."""
