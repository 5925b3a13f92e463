"""Geometry of the line charts under /insights/: shares in, shapes out."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 200  # of the ground, in units of the view box
NEAR = 16.0  # names of lines that end closer than this would stand on each other


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    value: float


@dataclass(frozen=True)
class Line:
    """One series; `name_y` is where its name stands beside its end."""

    name: str
    points: list[Point]
    name_y: float

    @property
    def path(self) -> str:
        """For a polyline."""
        return " ".join(f"{one.x},{one.y}" for one in self.points)


@dataclass(frozen=True)
class Chart:
    """Lines over the same ticks, from nought at the bottom to one at the top."""

    lines: list[Line]
    ticks: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT


def chart(
    ticks: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]]
) -> Chart | None:
    """Ticks evenly apart, whatever lies between them; a missing value leaves out its point.

    None where no line has two points to go between.
    """
    step = WIDTH / max(len(ticks) - 1, 1)
    at = [round(index * step, 1) for index in range(len(ticks))]
    drawn = [
        (
            name,
            [
                Point(x, round(HEIGHT * (1 - value), 1), value)
                for x, value in zip(at, values, strict=True)
                if value is not None
            ],
        )
        for name, values in series
    ]
    if not any(len(points) > 1 for _, points in drawn):
        return None
    lines: list[Line] = []
    taken: list[float] = []
    for name, points in sorted(drawn, key=lambda one: one[1][-1].y if one[1] else HEIGHT):
        wanted = points[-1].y if points else float(HEIGHT)
        name_y = max([wanted, *(other + NEAR for other in taken)])
        taken.append(name_y)
        lines.append(Line(name, points, round(name_y, 1)))
    return Chart(lines, list(zip(at, ticks, strict=True)))
