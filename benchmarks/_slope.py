"""The slope of something that is read over and over, and how sure it is.

Theil and Sen's estimator: the median of the slopes between all pairs of points, which single steps
and outliers hardly move. Readings that follow each other closely say the same thing twice, so the
time is cut into forty parts, and each counts as one point, its median. The interval is that of
Sen, from the variance of Kendall's tau: the true slope lies in it 95 times in 100, whatever the
distribution of the errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, groupby
from math import sqrt
from statistics import median

PARTS = 40
Z = 1.96
HOUR = 3600.0


def per_hour(seconds: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """Return the slope and the ends of its interval, in units per hour."""
    points = _parts(seconds, values)
    slopes = sorted(
        HOUR * (value - before) / (late - early)
        for (early, before), (late, value) in combinations(points, 2)
    )
    if not slopes:
        return 0.0, float("-inf"), float("inf")
    count = len(points)
    spread = Z * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = int((len(slopes) - spread) / 2)
    inside = slopes[max(low, 0) : len(slopes) - max(low, 0)]
    return median(slopes), inside[0], inside[-1]


def _parts(seconds: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """Take one point for each part of the time: the medians of when and what."""
    length = (seconds[-1] - seconds[0]) / PARTS or 1.0
    pairs = zip(seconds, values, strict=True)
    groups = (list(group) for _, group in groupby(pairs, lambda pair: pair[0] // length))
    return [(median(when for when, _ in one), median(what for _, what in one)) for one in groups]
