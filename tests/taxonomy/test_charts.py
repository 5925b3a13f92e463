"""Geometry that stays in its box, and figures that can be read on every tint."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import charts, counts

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
VALUES = st.lists(st.integers(0, 10**6), max_size=40)


@given(VALUES)
def test_a_sparkline_stays_in_its_box(values):
    spark = charts.sparkline(values)
    for point in spark.area.split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= spark.width
        assert 0 <= y <= spark.height


@given(st.integers(0, 10**7))
def test_scales_reach_the_largest_value_in_few_round_steps(largest):
    steps = charts.round_steps(largest)
    assert steps[0] == 0
    assert steps[-1] >= largest
    assert 2 <= len(steps) <= 5


@given(st.integers(-5, 10**6), st.integers(0, 10**6))
def test_only_nothing_is_open_ground(value, largest):
    strength = charts.tint(value, largest)
    assert 0 <= strength <= charts.TINTS
    assert (strength == 0) == (value <= 0 or largest <= 0)


def test_a_change_from_little_is_told_as_a_difference():
    assert charts.Change(now=4, before=1).signed == "+3"
    assert charts.Change(now=6, before=10).signed == "−40%"
    assert charts.Change(now=3, before=3).signed == "±0"


def test_the_running_month_is_marked_and_bars_stand_on_the_base():
    months = counts.last_months(13, date(2026, 5, 14))
    found = charts.trend(months, list(range(13)))
    assert [bar.so_far for bar in found.bars] == [False] * 12 + [True]
    assert all(round(bar.y + bar.height, 1) == found.base for bar in found.bars)
    assert [bar.month.month for bar in found.bars if bar.labelled] == [5, 8, 11, 2, 5]


# --- contrast, computed from the style sheets --------------------------------------------


def tokens():
    """{name: (light, dark)} of the colours in tokens.css."""
    found = re.findall(
        r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)",
        (CSS / "tokens.css").read_text(),
    )
    return {name: (light, dark) for name, light, dark in found}


def rgb(colour):
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def mixed(first, percent, second):
    pairs = zip(rgb(first), rgb(second), strict=True)
    return [a * percent / 100 + b * (100 - percent) / 100 for a, b in pairs]


def luminance(channels):
    linear = [
        c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4
        for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


def strengths():
    """[(class, light percent, light other, dark percent, dark other)] of charts.css."""
    mix = r"color-mix\(in srgb, var\(--hue\) (\d+)%, var\(--(\w+)\)\)"
    return re.findall(rf"\.(t\d+) {{ --tint: light-dark\({mix}, {mix}\)", _charts())


def _charts():
    return (CSS / "charts.css").read_text()


@pytest.mark.parametrize("hue", ["design", "behaviour", "science", "domain"])
@pytest.mark.parametrize("theme", [0, 1])
def test_figures_reach_4_5_to_1_on_every_tint(hue, theme):
    known = tokens()
    assert len(strengths()) == charts.TINTS
    for name, *mix in strengths():
        percent, other = mix[2 * theme], mix[2 * theme + 1]
        ground = mixed(known[hue][theme], int(percent), known[other][theme])
        strong = name in {"t9", "t10"}
        ink = known["on-strong"][theme] if strong else known["ink"][theme]
        assert contrast(ground, rgb(ink)) >= 4.5, (hue, theme, name)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_secondary_text_reaches_4_5_to_1(theme, ground):
    known = tokens()
    assert contrast(rgb(known["soft"][theme]), rgb(known[ground][theme])) >= 4.5
