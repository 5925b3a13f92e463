"""Pieces that are rendered once and filled in for each paper."""

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import override

from taxonomy.views.frames import MARK, fill

SAID = "review/_said.html"


def said(text, **fixed):
    values = {"undo": False, "is_bad": False, **fixed}
    return fill(SAID, {"text": text, "hidden": mark_safe("<input>")}, **values)


def test_what_fills_a_slot_is_escaped_unless_it_is_safe():
    assert "&lt;b&gt;" in said("<b>")
    assert "<b>" in said(mark_safe("<b>"))


def test_one_frame_serves_many_texts():
    assert "first" in said("first")
    assert "first" not in said("second")


def test_another_fixed_value_is_another_frame():
    assert "<input>" not in said("text")
    assert "<input>" in said("text", undo=True)


def test_each_language_has_its_own_frame():
    assert "Undo" in said("text", undo=True)
    with override("ja"):
        assert "Undo" not in said("text", undo=True)


def test_a_text_that_looks_like_a_slot_stays_a_text():
    assert f"{MARK}hidden;" in said(f"{MARK}hidden;")


def test_a_slot_without_a_value_is_no_silent_gap():
    with pytest.raises(KeyError):
        fill(SAID, {"hidden": ""}, undo=False, is_bad=False)
