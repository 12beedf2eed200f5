"""Draws what lies on a scale, with plotly.

Figures hold numbers and days, never labels or answers: plotly reads markup in texts. Colours come
from the style sheet of the page, which knows light from dark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from kobo_async.extras import needed
from kobo_async.report.facts import Days, Hours, Numbers, Places, Scale

with needed("report"):
    import plotly.graph_objects as go
    from plotly.offline import get_plotlyjs

HIDDEN: Final = "<extra></extra>"
NARROWEST: Final = 0.02
SMALLEST_DOT: Final = 5
LARGEST_DOT: Final = 22
AIR: Final = 3
"""Days around a single bar, so that it is no wall."""
DAY: Final = 86_400_000
HEIGHT: Final = 200
TALL: Final = 380


def library() -> str:
    """Return the program that draws the figures in a browser."""
    return str(get_plotlyjs())


def figure(found: Scale) -> dict[str, Any]:
    """Return the figure of a distribution as JSON values."""
    made = _DRAW[type(found)](found)
    made.update_layout(height=TALL if isinstance(found, Places) else HEIGHT)
    drawn: dict[str, Any] = made.to_plotly_json()
    return drawn


def _days(days: Days) -> go.Figure:
    """Draw a bar for each day or month; as wide as one, so that gaps are gaps."""
    narrow = DAY if days.unit == "day" else 28 * DAY
    shown = "%{x|%d %b %Y}" if days.unit == "day" else "%{x|%B %Y}"
    bars = go.Bar(
        x=[span.start.isoformat() for span in days.spans],
        y=[span.count for span in days.spans],
        width=narrow * 0.9,
        hovertemplate=f"{shown}: %{{y:,}}{HIDDEN}",
    )
    made = _figure(bars)
    air = timedelta(days=max(AIR - (days.last - days.first).days, 1))
    made.update_xaxes(
        range=[(days.spans[0].start - air).isoformat(), (days.last + air).isoformat()]
    )
    return made


def _numbers(numbers: Numbers) -> go.Figure:
    whole = all((b.end - b.start) == 1 for b in numbers.bins) and numbers.least.is_integer()
    middles = [b.start if whole else (b.start + b.end) / 2 for b in numbers.bins]
    spans = [f"{b.start:g}" if whole else f"{b.start:g} to {b.end:g}" for b in numbers.bins]
    bars = go.Bar(
        x=middles,
        y=[b.count for b in numbers.bins],
        width=[(b.end - b.start) * 0.94 for b in numbers.bins],
        customdata=spans,
        hovertemplate=f"%{{customdata}}: %{{y:,}}{HIDDEN}",
    )
    made = _figure(bars)
    made.update_xaxes(nticks=8)
    if whole and len(middles) <= 12:
        made.update_xaxes(tickvals=middles)
    return made


def _hours(hours: Hours) -> go.Figure:
    bars = go.Bar(
        x=list(range(24)),
        y=list(hours.counts),
        width=0.9,
        hovertemplate=f"%{{x}}:00 to %{{x}}:59: %{{y:,}}{HIDDEN}",
    )
    made = _figure(bars)
    ticks = list(range(0, 24, 6))
    made.update_xaxes(tickvals=ticks, ticktext=[f"{hour:02}:00" for hour in ticks])
    return made


def _places(places: Places) -> go.Figure:
    """Draw a dot for each square, its area by the count; a kilometre is as long both ways."""
    most = max(spot.count for spot in places.spots)
    sizes = [max(SMALLEST_DOT, LARGEST_DOT * math.sqrt(s.count / most)) for s in places.spots]
    latitudes = [spot.latitude for spot in places.spots]
    dots = go.Scatter(
        x=[spot.longitude for spot in places.spots],
        y=latitudes,
        mode="markers",
        marker={"size": sizes if most > 1 else SMALLEST_DOT, "line": {"width": 0.5}},
        customdata=[spot.count for spot in places.spots],
        hovertemplate=f"%{{y:.2f}}°, %{{x:.2f}}°: %{{customdata:,}}{HIDDEN}",
    )
    made = _figure(dots)
    middle = math.radians((min(latitudes) + max(latitudes)) / 2)
    made.update_xaxes(ticksuffix="°", showgrid=True, nticks=7, range=_around(dots.x, places.step))
    made.update_yaxes(
        ticksuffix="°",
        rangemode="normal",
        nticks=7,
        scaleanchor="x",
        scaleratio=1 / max(math.cos(middle), NARROWEST),
        range=_around(latitudes, places.step),
    )
    return made


def _around(values: Sequence[float], step: float) -> list[float]:
    """Return a range with some air around the values."""
    air = max((max(values) - min(values)) * 0.08, step * 2)
    return [min(values) - air, max(values) + air]


def _figure(*traces: Any) -> go.Figure:
    axis = {"fixedrange": True, "zeroline": False, "automargin": True, "ticks": ""}
    return go.Figure(
        traces,
        layout={
            "template": "none",
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 4},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "dragmode": False,
            "xaxis": {**axis, "showgrid": False},
            "yaxis": {**axis, "nticks": 5, "rangemode": "tozero", "tickformat": "~s"},
        },
    )


_DRAW: Final[Mapping[type[Scale], Callable[[Any], go.Figure]]] = {
    Days: _days,
    Numbers: _numbers,
    Hours: _hours,
    Places: _places,
}
