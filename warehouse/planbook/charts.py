"""The plan book's charts as SVG text: small, sharp in print, readable by screen readers, coloured by the page's style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

from warehouse.planbook.words import day_short, number

_WIDTH = 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 6, 8, 20
_MONDAY = 0
_MARK = 6.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart over days or lags.

    Attributes:
        label: what stands under the axis; "" for nothing.
        words: what a pointer or screen reader is told.
        value: height.
        low, high: ends of its band, or None.
        kind: style class: "past", "future", "wave" or "gap".
    """

    label: str
    words: str
    value: float
    low: float | None
    high: float | None
    kind: str


def past_day(day: date, contacts: float, *, complete: bool) -> Bar:
    """A day that has happened; one without its whole feed is marked, for it is no quiet day."""
    words = f"{day_short(day)}: {number(contacts)} arrived" if complete else f"{day_short(day)}: the feed was incomplete"
    return Bar(_monday(day), words, contacts, None, None, "past" if complete else "gap")


def future_day(day: date, mean: float, low: float, high: float) -> Bar:
    """A day of the plan with its 80 % band."""
    words = f"{day_short(day)}: {number(mean)} expected, 80 % band {number(low)} to {number(high)}"
    return Bar(_monday(day), words if high > 0 else f"{day_short(day)}: closed, nothing expected", mean, low, high, "future")


def bar_chart(title: str, description: str, bars: Sequence[Bar], height: int = 150) -> Markup:
    """Bars with bands over a zero line.

    Args:
        title: name of the chart for screen readers.
        description: what it shows, in a sentence.
        bars: from left to right.
        height: in the same units as the width of 560.
    """
    top = _nice_ceiling(max((max(bar.value, bar.high or 0.0) for bar in bars), default=0.0))
    floor, plot = height - _BOTTOM, height - _BOTTOM - _TOP
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(bars), 1)

    def y(value: float) -> str:
        return f"{floor - plot * value / top:.1f}"

    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}: {escape(description)}">',
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
    ]
    for share in (0.0, 0.5, 1.0):
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(share * top)}" y2="{y(share * top)}"/>'
            f'<text class="axis end" x="{_LEFT - 6}" y="{y(share * top)}" dy="0.32em">{_tick(share * top, top)}</text>'
        )
    for place, bar in enumerate(bars):
        left, width = _LEFT + place * step, max(step * 0.72, 0.8)
        tall = max(plot * bar.value / top, _MARK if bar.kind == "gap" else 0.0)  # a missing day shows even where it reads zero
        middle = left + step / 2
        parts.append(f"<g><title>{escape(bar.words)}</title>")
        parts.append(
            f'<rect class="{bar.kind}" x="{middle - width / 2:.1f}" y="{floor - tall:.1f}" width="{width:.1f}" '
            f'height="{tall:.1f}"/>'
        )
        if bar.low is not None and bar.high is not None and bar.high > 0:
            parts.append(f'<line class="band" x1="{middle:.1f}" x2="{middle:.1f}" y1="{y(bar.low)}" y2="{y(bar.high)}"/>')
        parts.append("</g>")
        if bar.label:
            parts.append(f'<text class="axis mid" x="{middle:.1f}" y="{height - 6}">{escape(bar.label)}</text>')
        if place and bar.kind == "future" and bars[place - 1].kind != "future":
            parts.append(f'<line class="tonight" x1="{left:.1f}" x2="{left:.1f}" y1="{_TOP}" y2="{floor}"/>')
    parts.append("</svg>")
    return Markup("".join(parts))  # noqa: S704 - every text above is escaped


def _monday(day: date) -> str:
    return f"{day.day} {day:%b}" if day.weekday() == _MONDAY else ""


def _tick(value: float, top: float) -> str:
    """A number on the axis, with the digits that tell half of the axis from nothing.

    Example:
        >>> _tick(0.0015, 0.003), _tick(400.0, 800.0), _tick(0.0, 0.003), _tick(1.5, 3.0)
        ('0.0015', '400', '0', '1.5')
    """
    if value == int(value):
        return number(value)
    return number(value, next((digits for digits in range(1, 9) if abs(round(top / 2, digits) - top / 2) < 1e-9), 9))


def _nice_ceiling(value: float) -> float:
    """The next number of the form 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten.

    Example:
        >>> _nice_ceiling(731.0), _nice_ceiling(0.23), _nice_ceiling(0.0)
        (800.0, 0.3, 1.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** len(str(int(value))) if value >= 1 else 1.0
    while power / 10 >= value:
        power /= 10
    return next(round(step * power / 10, 9) for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power / 10 >= value)
