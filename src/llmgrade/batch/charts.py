"""Pictures of a run, as SVG text: dots with whiskers, slopes from first try to final, and pitfalls as bars.

Colours are the page's classes, so that they follow its light and dark; every picture says in words what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from llmgrade.batch.summary import ModelSummary

__all__ = ["intervals", "slopes", "stacks"]

LEFT, WIDTH, ROW = 190, 760, 30
"""Room for names, width of a picture, height of a row (pixels)."""


def intervals(models: Sequence[ModelSummary]) -> str:
    """Final scores with their intervals, and as a pale band what undecided answers could make of them."""
    height = ROW * len(models) + 34
    rows = [_axis(height - 24)]
    for rank, model in enumerate(models):
        y = ROW * rank + 16
        found = model.final
        low, high = (found.mean, found.mean) if math.isnan(found.low) else (found.low, found.high)
        rows += [
            _name(model.model, y),
            f'<rect class="band" x="{_x(model.bounds[0]):.1f}" y="{y - 8}" '
            f'width="{max(1.0, _x(model.bounds[1]) - _x(model.bounds[0])):.1f}" height="16"/>',
            f'<line class="whisker" x1="{_x(low):.1f}" x2="{_x(high):.1f}" y1="{y}" y2="{y}"/>',
            f'<circle class="dot" cx="{_x(found.mean):.1f}" cy="{y}" r="5"><title>{escape(model.model)}: '
            f"{100 * found.mean:.1f} % [{100 * low:.1f}, {100 * high:.1f}]</title></circle>",
        ]
    return _svg(height, "Final score of each model with its 95 % interval", rows)


def slopes(models: Sequence[ModelSummary]) -> str:
    """From first try to final, a line a model."""
    height = ROW * len(models) + 34
    rows = [_axis(height - 24)]
    for rank, model in enumerate(models):
        y = ROW * rank + 16
        first, final = _x(model.first.mean), _x(model.final.mean)
        rows += [
            _name(model.model, y),
            f'<line class="{"gain" if final >= first else "loss"}" x1="{first:.1f}" x2="{final:.1f}" y1="{y}" y2="{y}"/>',
            f'<circle class="open" cx="{first:.1f}" cy="{y}" r="5"><title>first try {100 * model.first.mean:.1f} %</title></circle>',
            f'<circle class="dot" cx="{final:.1f}" cy="{y}" r="5"><title>final {100 * model.final.mean:.1f} %</title></circle>',
        ]
    return _svg(height, "Score at first try (ring) and after reprompting (dot)", rows)


def stacks(models: Sequence[ModelSummary], most: int = 12) -> str:
    """The pitfalls met most, a bar a model."""
    totals: dict[str, int] = {}
    for model in models:
        for name, count in model.pitfalls.items():
            totals[name] = totals.get(name, 0) + count
    names = sorted(totals, key=lambda name: (-totals[name], name))[:most]
    if not names:
        return "<p>No pitfall was met.</p>"
    top = max(model.pitfalls.get(name, 0) for model in models for name in names)
    bar = 12
    step = bar * len(models) + 10
    rows = []
    left = LEFT + 110
    for rank, name in enumerate(names):
        y = step * rank + 4
        rows.append(f'<text x="{left - 8}" y="{y + step / 2 - 1:.0f}" text-anchor="end">{escape(name)}</text>')
        for place, model in enumerate(models):
            count = model.pitfalls.get(name, 0)
            wide = (WIDTH - left - 40) * count / top
            rows.append(
                f'<rect class="m{place % 6}" x="{left}" y="{y + bar * place}" width="{wide:.1f}" height="{bar - 2}">'
                f"<title>{escape(model.model)}: {count}</title></rect>"
            )
            rows.append(f'<text class="count" x="{left + wide + 4:.1f}" y="{y + bar * place + 9}">{count or ""}</text>')
    return _svg(step * len(names) + 8, "How often each pitfall was met, by model", rows)


def _svg(height: int, title: str, rows: list[str]) -> str:
    inside = "".join(rows)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title, quote=True)}">'
        f"<title>{escape(title)}</title>{inside}</svg>"
    )


def _x(share: float) -> float:
    return LEFT + (WIDTH - LEFT - 20) * min(1.0, max(0.0, 0.0 if math.isnan(share) else share))


def _name(name: str, y: int) -> str:
    shown = name if len(name) <= 26 else name[:25] + "…"
    return f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(shown)}</text>'


def _axis(bottom: int) -> str:
    ticks = [
        f'<line class="grid" x1="{_x(t / 4):.1f}" x2="{_x(t / 4):.1f}" y1="4" y2="{bottom}"/>'
        f'<text class="tick" x="{_x(t / 4):.1f}" y="{bottom + 16}" text-anchor="middle">{25 * t} %</text>'
        for t in range(5)
    ]
    return "".join(ticks)
