"""Pictures of a run, as SVG text: dots with whiskers, slopes from first try to final, and pitfalls as bars.

Colours are the page's classes, so that they follow its light and dark; every picture says in words what it shows. Each
is drawn twice, for a wide screen and for a narrow one, where names stand above their rows; the page shows one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from llmgrade.batch.summary import ModelSummary

__all__ = ["intervals", "slopes", "stacks"]


@dataclass(frozen=True, slots=True)
class Frame:
    """The measures of a picture (pixels)."""

    name: str
    width: int
    left: int
    """Room for names at the left; none where they stand above."""
    row: int
    above: int
    """Room for a name above its row."""

    def x(self, share: float) -> float:
        """Where a share of 0 to 1 stands."""
        inside = self.width - self.left - 32
        return self.left + 12 + inside * min(1.0, max(0.0, 0.0 if math.isnan(share) else share))

    def y(self, rank: int) -> int:
        """The middle of a row."""
        return (self.row + self.above) * rank + 16 + self.above

    def bottom(self, rows: int) -> int:
        """Below the last row."""
        return (self.row + self.above) * rows + 10

    def label(self, name: str, y: float, left: float | None = None) -> str:
        """A row's name."""
        most = 30 if self.above else 26 if left is None else 42
        shown = escape(name if len(name) <= most else name[: most - 1] + "…")
        if self.above:
            return f'<text x="2" y="{y - self.above + 5:.0f}">{shown}</text>'
        return f'<text x="{(left or self.left) - 4}" y="{y + 4:.0f}" text-anchor="end">{shown}</text>'


FRAMES = (Frame("wide", 760, 190, 30, 0), Frame("narrow", 330, 0, 20, 20))


def intervals(models: Sequence[ModelSummary]) -> str:
    """Final scores with their intervals, and as a pale band what undecided answers could make of them."""
    return _drawn(lambda frame: _intervals(models, frame))


def _intervals(models: Sequence[ModelSummary], frame: Frame) -> str:
    rows = [_axis(frame, len(models))]
    for rank, model in enumerate(models):
        y = frame.y(rank)
        found = model.final
        low, high = (found.mean, found.mean) if math.isnan(found.low) else (found.low, found.high)
        rows += [
            frame.label(model.model, y),
            f'<rect class="band" x="{frame.x(model.bounds[0]):.1f}" y="{y - 8}" '
            f'width="{max(1.0, frame.x(model.bounds[1]) - frame.x(model.bounds[0])):.1f}" height="16"/>',
            f'<line class="whisker" x1="{frame.x(low):.1f}" x2="{frame.x(high):.1f}" y1="{y}" y2="{y}"/>',
            f'<circle class="dot" cx="{frame.x(found.mean):.1f}" cy="{y}" r="5"><title>{escape(model.model)}: '
            f"{100 * found.mean:.1f} % [{100 * low:.1f}, {100 * high:.1f}]</title></circle>",
        ]
    return _svg(frame, frame.bottom(len(models)) + 24, "Final score of each model with its 95 % interval", rows)


def slopes(models: Sequence[ModelSummary]) -> str:
    """From first try to final, a line a model."""
    return _drawn(lambda frame: _slopes(models, frame))


def _slopes(models: Sequence[ModelSummary], frame: Frame) -> str:
    rows = [_axis(frame, len(models))]
    for rank, model in enumerate(models):
        y = frame.y(rank)
        first, final = frame.x(model.first.mean), frame.x(model.final.mean)
        rows += [
            frame.label(model.model, y),
            f'<line class="{"gain" if final >= first else "loss"}" x1="{first:.1f}" x2="{final:.1f}" y1="{y}" y2="{y}"/>',
            f'<circle class="open" cx="{first:.1f}" cy="{y}" r="5"><title>first try {100 * model.first.mean:.1f} %</title></circle>',
            f'<circle class="dot" cx="{final:.1f}" cy="{y}" r="5"><title>final {100 * model.final.mean:.1f} %</title></circle>',
        ]
    height = frame.bottom(len(models)) + 24
    return _svg(frame, height, "Score at first try (ring) and after reprompting (dot)", rows)


def stacks(models: Sequence[ModelSummary], most: int = 12) -> str:
    """The pitfalls met most, a bar a model."""
    totals: dict[str, int] = {}
    for model in models:
        for name, count in model.pitfalls.items():
            totals[name] = totals.get(name, 0) + count
    names = sorted(totals, key=lambda name: (-totals[name], name))[:most]
    if not names:
        return "<p>No pitfall was met.</p>"
    return _drawn(lambda frame: _stacks(models, names, frame))


def _stacks(models: Sequence[ModelSummary], names: Sequence[str], frame: Frame) -> str:
    top = max(model.pitfalls.get(name, 0) for model in models for name in names)
    bar = 12
    step = bar * len(models) + 10 + frame.above
    left = 2 if frame.above else frame.left + 110
    rows = []
    for rank, name in enumerate(names):
        y = step * rank + 4 + frame.above
        rows.append(frame.label(name, y + 11 if frame.above else y + bar * len(models) / 2, left))
        for place, model in enumerate(models):
            count = model.pitfalls.get(name, 0)
            wide = (frame.width - left - 40) * count / top
            rows.append(
                f'<rect class="m{place % 6}" x="{left}" y="{y + bar * place}" width="{wide:.1f}" height="{bar - 2}">'
                f"<title>{escape(model.model)}: {count}</title></rect>"
            )
            if count:
                rows.append(f'<text class="count" x="{left + wide + 4:.1f}" y="{y + bar * place + 9}">{count}</text>')
    return _svg(frame, step * len(names) + 8, "How often each pitfall was met, by model", rows)


def _drawn(draw: Callable[[Frame], str]) -> str:
    return "".join(f'<div class="only-{frame.name}">{draw(frame)}</div>' for frame in FRAMES)


def _svg(frame: Frame, height: int, title: str, rows: list[str]) -> str:
    inside = "".join(rows)
    return (
        f'<svg viewBox="0 0 {frame.width} {height}" role="img" aria-label="{escape(title, quote=True)}">'
        f"<title>{escape(title)}</title>{inside}</svg>"
    )


def _axis(frame: Frame, rows: int) -> str:
    bottom = frame.bottom(rows)
    ticks = [
        f'<line class="grid" x1="{frame.x(t / 4):.1f}" x2="{frame.x(t / 4):.1f}" y1="4" y2="{bottom}"/>'
        f'<text class="tick" x="{frame.x(t / 4):.1f}" y="{bottom + 16}" text-anchor="middle">{25 * t} %</text>'
        for t in range(5)
    ]
    return "".join(ticks)
