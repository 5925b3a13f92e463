"""Geometry of the charts: numbers in, shapes out. Templates draw them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10, sqrt

TINTS = 10  # strengths of a hue in static/css/charts.css: .t1 … .t10; .t0 is open ground
QUARTER = 3  # months
FEW = 5  # below this a percentage says less than the difference


@dataclass(frozen=True)
class Sparkline:
    """A line over a filled area in a box; `points` and `area` are SVG point lists."""

    width: int
    height: int
    points: str
    area: str
    last_x: float
    last_y: float
    total: int
    first: int
    last: int

    @property
    def is_empty(self) -> bool:
        return self.total == 0


def sparkline(values: Sequence[int], width: int = 72, height: int = 20) -> Sparkline:
    """From nought at the bottom to the largest value at the top, with room for the dot."""
    pad = 2.0
    largest = max(values, default=0) or 1
    step = (width - 2 * pad) / max(len(values) - 1, 1)
    at = [
        (
            _round(pad + index * step),
            _round(height - pad - value / largest * (height - 2 * pad)),
        )
        for index, value in enumerate(values)
    ] or [(pad, height - pad)]
    points = " ".join(f"{x},{y}" for x, y in at)
    area = f"{at[0][0]},{height} {points} {at[-1][0]},{height}"
    return Sparkline(
        width=width,
        height=height,
        points=points,
        area=area,
        last_x=at[-1][0],
        last_y=at[-1][1],
        total=sum(values),
        first=values[0] if values else 0,
        last=values[-1] if values else 0,
    )


@dataclass(frozen=True)
class Change:
    """Papers in the last three full months against the three before."""

    now: int
    before: int

    @property
    def direction(self) -> str:
        if self.now == self.before:
            return "level"
        return "up" if self.now > self.before else "down"

    @property
    def percent(self) -> int | None:
        """Absent where the ground is too thin for a percentage."""
        if self.before < FEW:
            return None
        return round(100 * (self.now - self.before) / self.before)

    @property
    def difference(self) -> int:
        return self.now - self.before

    @property
    def figure(self) -> str:
        """Without sign: the arrow beside it has the direction."""
        if self.percent is None:
            return str(abs(self.difference))
        return f"{abs(self.percent)}%"

    @property
    def signed(self) -> str:
        if self.direction == "level":
            return "±0"
        return ("+" if self.difference > 0 else "−") + self.figure

    @property
    def strength(self) -> float:
        """How far from chance, were papers to arrive at random: for ranking."""
        spread = sqrt(self.now + self.before)
        return abs(self.difference) / spread if spread else 0.0


def quarter_change(values: Sequence[int]) -> Change:
    """Of a monthly series that ends with the last full month."""
    return Change(now=sum(values[-QUARTER:]), before=sum(values[-2 * QUARTER : -QUARTER]))


def tint(value: int, largest: int) -> int:
    """The strength of a cell, 0 to TINTS, on a square-root scale; only nothing is 0."""
    if value <= 0 or largest <= 0:
        return 0
    return min(TINTS, max(1, ceil(TINTS * sqrt(value / largest))))


@dataclass(frozen=True)
class Bar:
    month: date
    value: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    so_far: bool  # the running month
    labelled: bool


@dataclass(frozen=True)
class Tick:
    value: int
    y: float


@dataclass(frozen=True)
class Trend:
    """A bar for each month above a scale of round numbers."""

    width: int
    height: int
    left: int
    base: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    total: int

    @property
    def label_y(self) -> float:
        return self.base + 16

    @property
    def right(self) -> int:
        return self.width


def trend(
    months: Sequence[date], values: Sequence[int], width: int = 640, height: int = 176
) -> Trend:
    """Months oldest first, the running one last; a label at every third."""
    left, top, bottom = 36, 8, 24
    base = float(height - bottom)
    steps = round_steps(max(values, default=0))
    scale = (base - top) / steps[-1]
    slot = (width - left) / max(len(months), 1)
    last = len(months) - 1
    bars = tuple(
        Bar(
            month=month,
            value=value,
            x=_round(left + index * slot + slot * 0.14),
            y=_round(base - value * scale),
            width=_round(slot * 0.72),
            height=_round(value * scale),
            middle=_round(left + (index + 0.5) * slot),
            so_far=index == last,
            labelled=(last - index) % QUARTER == 0,
        )
        for index, (month, value) in enumerate(zip(months, values, strict=True))
    )
    ticks = tuple(Tick(value, _round(base - value * scale)) for value in steps)
    return Trend(width, height, left, base, bars, ticks, sum(values))


def round_steps(largest: int, about: int = 3) -> list[int]:
    """Nought and a few round numbers that reach `largest`: 0, 20, 40, 60."""
    if largest <= 0:
        return [0, 1]
    rough = largest / about
    power = 10 ** max(floor(log10(rough)), 0) if rough > 0 else 1
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
    return list(range(0, ceil(largest / step) * step + 1, step))


def _round(number: float) -> float:
    return round(number, 1)
