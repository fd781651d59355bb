"""The thirteen queues of Harbour Mutual and how each behaves: volume, opening hours, handle times, patience.

Everything here is a hidden truth of the simulation. The pipeline learns none of it from this module; it sees only
the files that the simulated source systems write.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Opening = tuple[tuple[int, int] | None, ...]
"""Opening minutes (from, until) after local midnight for Monday .. Sunday; None is a closed day."""


def _week(weekday: tuple[int, int], saturday: tuple[int, int] | None = None) -> Opening:
    return (weekday,) * 5 + (saturday, None)


ALWAYS: Opening = ((0, 1440),) * 7


@dataclass(frozen=True)
class QueueSpec:
    """One queue of the simulated enterprise.

    Attributes:
        queue_id: the name planners use (never written to a source file, except as a workforce activity code).
        channel: voice, chat, email, cases or claims.
        source_name: what the source system calls the queue: PBX queue, Connect queue, mailbox, case type, line of business.
        weekday_mean: arrivals on an ordinary weekday, everything included, contacts.
        saturday_factor, sunday_factor: the day's arrivals over an ordinary weekday's.
        arrives: when contacts arrive (for deferred work: around the clock).
        worked: when agents work.
        talk_seconds: mean of talk (voice, chat alone) or work (deferred), log-normal.
        talk_sigma: standard deviation of the logarithm of the talk time.
        wrap_seconds: mean after-contact work, seconds.
        patience_seconds: mean patience of a caller who has any, exponential.
        timeout_seconds: wait after which the switch gives up (EXITWITHTIMEOUT).
        transfers: share of answered contacts handed on, by target queue.
        day_factor_cv: coefficient of variation of the gamma day factor.
        trend_per_year: relative growth in a year.
        yearly_amplitude, yearly_peak_day: relative swing of the yearly cosine, and the day of the year of its peak.
        bumps: intraday shape: (centre in local minutes, width in minutes, weight) per Gaussian bump, above a floor of `floor`.
        floor: intraday floor, relative to a bump of weight 1.
    """

    queue_id: str
    channel: str
    source_name: str
    weekday_mean: float
    arrives: Opening
    worked: Opening
    talk_seconds: float
    saturday_factor: float = 0.0
    sunday_factor: float = 0.0
    talk_sigma: float = 0.75
    wrap_seconds: float = 0.0
    patience_seconds: float = 300.0
    timeout_seconds: int = 900
    transfers: tuple[tuple[str, float], ...] = ()
    day_factor_cv: float = 0.08
    trend_per_year: float = 0.0
    yearly_amplitude: float = 0.05
    yearly_peak_day: int = 20
    bumps: tuple[tuple[int, int, float], ...] = field(default=((625, 85, 1.0), (865, 110, 0.75)))
    floor: float = 0.25


OFFICE = (480, 1080)
_AROUND_THE_CLOCK = ((600, 120, 1.0), (850, 150, 0.8), (1215, 100, 0.45))

QUEUES: tuple[QueueSpec, ...] = (
    QueueSpec(
        "voice_claims",
        "voice",
        "claims-line",
        350,
        _week((480, 1200), (540, 1020)),
        _week((480, 1200), (540, 1020)),
        400,
        saturday_factor=0.36,
        wrap_seconds=90,
        patience_seconds=330,
        timeout_seconds=1200,
        transfers=(("voice_service", 0.018), ("voice_billing", 0.006)),
        trend_per_year=0.02,
        yearly_amplitude=0.06,
    ),
    QueueSpec(
        "voice_service",
        "voice",
        "service-line",
        450,
        _week((480, 1200), (540, 1020)),
        _week((480, 1200), (540, 1020)),
        290,
        saturday_factor=0.30,
        wrap_seconds=45,
        patience_seconds=280,
        talk_sigma=0.8,
        transfers=(("voice_claims", 0.016), ("voice_billing", 0.014), ("voice_sales", 0.010)),
        trend_per_year=-0.03,
        bumps=((610, 80, 1.0), (855, 110, 0.78), (1130, 60, 0.25)),
    ),
    QueueSpec(
        "voice_sales",
        "voice",
        "sales-line",
        150,
        _week((540, 1080)),
        _week((540, 1080)),
        520,
        wrap_seconds=130,
        patience_seconds=200,
        timeout_seconds=600,
        transfers=(("voice_service", 0.03),),
        day_factor_cv=0.11,
        trend_per_year=0.04,
        yearly_amplitude=0.14,
        yearly_peak_day=345,
        bumps=((645, 80, 0.9), (900, 110, 1.0)),
    ),
    QueueSpec(
        "voice_billing",
        "voice",
        "billing-line",
        250,
        _week(OFFICE),
        _week(OFFICE),
        260,
        wrap_seconds=40,
        patience_seconds=260,
        talk_sigma=0.7,
        transfers=(("voice_service", 0.03),),
        day_factor_cv=0.07,
        bumps=((590, 70, 1.0), (830, 110, 0.6)),
    ),
    QueueSpec(
        "voice_roadside",
        "voice",
        "roadside",
        120,
        ALWAYS,
        ALWAYS,
        370,
        saturday_factor=1.04,
        sunday_factor=0.92,
        wrap_seconds=60,
        patience_seconds=420,
        timeout_seconds=1200,
        transfers=(("voice_claims", 0.02),),
        day_factor_cv=0.13,
        yearly_amplitude=0.12,
        yearly_peak_day=12,
        bumps=((510, 70, 1.0), (800, 150, 0.7), (1040, 90, 1.05)),
        floor=0.16,
    ),
    QueueSpec(
        "chat_service",
        "chat",
        "Service Chat",
        220,
        _week((510, 1200), (600, 960)),
        _week((510, 1200), (600, 960)),
        420,
        saturday_factor=0.38,
        wrap_seconds=40,
        patience_seconds=240,
        talk_sigma=0.7,
        transfers=(("chat_sales", 0.03),),
        day_factor_cv=0.09,
        trend_per_year=0.10,
        bumps=((650, 90, 0.9), (880, 110, 0.8), (1140, 60, 0.6)),
    ),
    QueueSpec(
        "chat_sales",
        "chat",
        "Sales Chat",
        110,
        _week((510, 1200), (600, 960)),
        _week((510, 1200), (600, 960)),
        500,
        saturday_factor=0.5,
        wrap_seconds=60,
        patience_seconds=180,
        talk_sigma=0.7,
        transfers=(("chat_service", 0.02),),
        day_factor_cv=0.12,
        trend_per_year=0.14,
        yearly_amplitude=0.15,
        yearly_peak_day=345,
        bumps=((680, 100, 0.8), (900, 110, 0.8), (1150, 60, 0.9)),
    ),
    QueueSpec(
        "email_claims",
        "email",
        "claims",
        110,
        ALWAYS,
        _week(OFFICE),
        420,
        saturday_factor=0.45,
        sunday_factor=0.4,
        talk_sigma=0.8,
        bumps=_AROUND_THE_CLOCK,
        floor=0.05,
        trend_per_year=0.02,
    ),
    QueueSpec(
        "email_service",
        "email",
        "service",
        130,
        ALWAYS,
        _week(OFFICE),
        330,
        saturday_factor=0.45,
        sunday_factor=0.42,
        talk_sigma=0.8,
        bumps=_AROUND_THE_CLOCK,
        floor=0.05,
        trend_per_year=-0.04,
    ),
    QueueSpec(
        "cases_complaints",
        "cases",
        "Complaint",
        20,
        ALWAYS,
        _week(OFFICE),
        2400,
        saturday_factor=0.25,
        sunday_factor=0.2,
        talk_sigma=0.7,
        bumps=_AROUND_THE_CLOCK,
        floor=0.03,
        day_factor_cv=0.15,
    ),
    QueueSpec(
        "cases_policy",
        "cases",
        "Policy Change",
        60,
        ALWAYS,
        _week(OFFICE),
        900,
        saturday_factor=0.3,
        sunday_factor=0.25,
        talk_sigma=0.7,
        bumps=_AROUND_THE_CLOCK,
        floor=0.04,
        yearly_amplitude=0.10,
        yearly_peak_day=355,
    ),
    QueueSpec(
        "claims_motor",
        "claims",
        "motor",
        80,
        ALWAYS,
        _week(OFFICE),
        1500,
        saturday_factor=0.6,
        sunday_factor=0.5,
        talk_sigma=0.6,
        bumps=_AROUND_THE_CLOCK,
        floor=0.05,
        yearly_amplitude=0.08,
        yearly_peak_day=10,
    ),
    QueueSpec(
        "claims_property",
        "claims",
        "property",
        50,
        ALWAYS,
        _week(OFFICE),
        2100,
        saturday_factor=0.6,
        sunday_factor=0.55,
        talk_sigma=0.6,
        bumps=_AROUND_THE_CLOCK,
        floor=0.05,
        yearly_amplitude=0.10,
        yearly_peak_day=20,
    ),
)

QUEUE_INDEX: dict[str, int] = {spec.queue_id: index for index, spec in enumerate(QUEUES)}


def queues_of(channel: str) -> list[int]:
    """Positions in `QUEUES` of a channel's queues.

    Example:
        >>> [QUEUES[index].queue_id for index in queues_of("chat")]
        ['chat_service', 'chat_sales']
    """
    return [index for index, spec in enumerate(QUEUES) if spec.channel == channel]
