"""Errors, grouped by what has to happen next: the scheduler tries again, or a person acts.

Bad arguments of a function stay `ValueError`. Every message says what happened, where, what was expected and the next step.
"""


class LeadlineError(Exception):
    """Anything Leadline itself raises about the outside world or its data."""


class RetryLaterError(LeadlineError):
    """The same call may succeed later without anybody doing anything: the scheduler retries."""


class SourceUnreachableError(RetryLaterError):
    """A source system did not answer or its folder cannot be reached just now."""


class LakeUnreachableError(RetryLaterError):
    """The lake does not answer, or its disk is full."""


class WarehouseUnreachableError(RetryLaterError):
    """The warehouse database does not answer, or another session holds a lock for too long."""


class NeedsPersonError(LeadlineError):
    """Trying again changes nothing: the run stops and somebody is told what to mend."""


class SettingsError(NeedsPersonError):
    """The settings file is missing, malformed, or holds a key or value that is not known."""


class SourceChangedError(NeedsPersonError):
    """A source's columns or formats are no longer what its settings say."""


class AccountingError(NeedsPersonError):
    """Rows in differ from rows kept + quarantined + exact duplicates: something was lost or doubled."""


class InvalidTableError(NeedsPersonError):
    """A frame does not match the declaration of the table it was about to be written to."""


class ChecksFailedError(NeedsPersonError):
    """A check of severity `stop` failed: the night is kept back and the last good plan stays current."""


class NoHistoryError(NeedsPersonError):
    """There is nothing to forecast from."""


MODEL_FAILURES = (ValueError, ArithmeticError, LookupError)
"""What a model raises over numbers it cannot take: its queue is named and goes without, the others go ahead."""
