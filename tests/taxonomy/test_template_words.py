"""Filters that put texts in shape for a page."""

import pytest

from taxonomy.templatetags.kadai import with_code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plain & simple.", "Plain &amp; simple."),
        (
            "Taken from `next` or `<b>`.",
            "Taken from <code>next</code> or <code>&lt;b&gt;</code>.",
        ),
        ("", ""),
    ],
)
def test_what_stands_between_backticks_is_code(text, shown):
    assert with_code(text) == shown
