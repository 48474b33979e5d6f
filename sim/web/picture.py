"""Small drawings of the page: an interval in a cell, days as bars, and the curve of answers. Colours are in the style.

Lengths in cells are per cents of the cell, so a drawing fits a telephone as well as a wide screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import isnan

import numpy as np

from sim.experiments.statistics import Estimate
from sim.measures.arrays import Floats
from sim.web.reading import KEPT, MOVED, TODAY, AnswerCurve, PageRow

#: The look of each policy in the style: a class of the style sheet.
LOOK = {TODAY: "today", MOVED: "moved", KEPT: "kept"}
#: Size of the curve, months on its axis, and its margins: left, right, top, bottom.
_WIDTH, _HEIGHT, _MONTHS = 480, 250, 36.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 10, 40


def reach(row: PageRow) -> float:
    """Half of the axis of a row of intervals, as a share of today's level."""
    widest = max((abs(end) for change in row.changes for end in change.share[:3] if not isnan(end)), default=0.0)
    return next((step for step in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if widest <= step), 1.5)


def interval(row: PageRow, policies: Iterable[str], widest: float = 0.0) -> str:
    """The intervals of a row, one below the other, with a line where nothing changes."""
    parts, height, widest = [], 10 + 12 * len(row.changes), widest or reach(row)
    moves = any(share.value or share.high for _, _, share in row.changes if not isnan(share.value))
    ends = [(0, "start", f"−{100 * widest:g} %"), (100, "end", f"+{100 * widest:g} %")] if moves else []
    for place, (policy, (_, clear, share)) in enumerate(zip(policies, row.changes, strict=True)):
        if not isnan(share.value):
            parts.append(_interval(share, 11 + 12 * place, widest, LOOK[policy], clear))
    described = escape("; ".join(change.words for change in row.changes), quote=True)
    zero = f'<line class="zero" x1="50%" x2="50%" y1="0" y2="{height}"/>'
    parts += [f'<text x="{at}%" y="{height + 10}" text-anchor="{anchor}">{words}</text>' for at, anchor, words in ends]
    inside = zero + "".join(parts)
    return f'<svg class="cell" height="{height + 13}" role="img" aria-label="{described}">{inside}</svg>'


def _interval(share: Estimate, y: int, widest: float, look: str, clear: bool) -> str:
    low, high = (share.value if isnan(end) else end for end in share[1:3])
    ends = [_place(end, widest) for end in (low, high)]
    line = f'<line class="{look}" x1="{ends[0]:.1f}%" x2="{ends[1]:.1f}%" y1="{y}" y2="{y}"/>'
    arrows = [
        f'<svg x="{at:.1f}%" y="{y}" overflow="visible"><path class="{look} arrow" d="M0 -4L{way * 6} 0L0 4z"/></svg>'
        for end, at, way in ((low, ends[0], -1), (high, ends[1], 1))
        if abs(end) > widest
    ]
    fill = "full" if clear else "hollow"
    mark = f'<circle class="{look} {fill}" cx="{_place(share.value, widest):.1f}%" cy="{y}" r="4"/>'
    return line + "".join(arrows) + mark


def _place(share: float, widest: float) -> float:
    return 50.0 + 46.0 * float(np.clip(share / widest, -1.0, 1.0))


def bars(row: PageRow, policies: Iterable[str], longest: float) -> str:
    """Days of a stage as bars: today's law first."""
    parts, height = [], 4 + 9 * len(row.days)
    for place, (policy, days) in enumerate(zip((TODAY, *policies), row.days, strict=True)):
        if not isnan(days):
            width = 100.0 * days / max(longest, 1e-9)
            parts.append(f'<rect class="{LOOK[policy]}" x="0" y="{2 + 9 * place}" width="{width:.1f}%" height="7"/>')
    words = escape(f"{', '.join(f'{days:.0f}' for days in row.days)} days", quote=True)
    return f'<svg class="cell" height="{height}" role="img" aria-label="{words}">{"".join(parts)}</svg>'


def answers(curves: Sequence[AnswerCurve], names: dict[str, str]) -> str:
    """Share of requests answered by month, with bands where there are enough pairs."""
    if not curves:
        return ""
    parts = [*_axes()]
    for curve in curves:
        shown = curve.months <= _MONTHS
        across = _LEFT + (_WIDTH - _LEFT - _RIGHT) * curve.months[shown] / _MONTHS
        value, low, high = (_height(part[shown]) for part in (curve.value, curve.low, curve.high))
        look = LOOK[curve.policy]
        if not np.isnan(low).any():
            around = [*zip(across, high, strict=True), *reversed([*zip(across, low, strict=True)])]
            parts.append(f'<polygon class="{look} band" points="{_points(around)}"/>')
        if not np.isnan(value).any():
            parts.append(f'<polyline class="{look}" points="{_points(zip(across, value, strict=True))}"/>')
    said = "; ".join(f"{names[curve.policy]}: {_half(curve)}" for curve in curves)
    described = escape(f"Share of requests answered by month after sending. {said}.", quote=True)
    inside = "".join(parts)
    return f'<svg class="curve" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{described}">{inside}</svg>'


def _half(curve: AnswerCurve) -> str:
    reached = np.flatnonzero(curve.value >= 0.5)
    return f"half within {curve.months[reached[0]]:g} months" if reached.size else "less than half are ever answered"


def _axes() -> list[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = float(_height(np.array([share]))[0])
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{100 * share:.0f} %</text>')
    for month in range(0, int(_MONTHS) + 1, 6):
        x = _LEFT + (right - _LEFT) * month / _MONTHS
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{month}</text>')
    words, middle = "months since the request was sent", (_LEFT + right) / 2
    return [*parts, f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">{words}</text>']


def _height(share: Floats) -> Floats:
    return np.asarray(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1.0 - np.clip(share, 0.0, 1.0)))


def _points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)
