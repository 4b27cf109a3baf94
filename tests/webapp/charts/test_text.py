from __future__ import annotations

import pytest
from dbt_discovery_web.charts.text import fitted, width_of, wrapped


def test_lines_break_between_words_and_never_between_a_number_and_its_unit() -> None:
    text = "nightly took 8 min 29 s in the median, 3 d ago, and 12 seconds less"
    for room in range(60, 600, 7):
        lines = wrapped(text, 12, room, 99)
        assert " ".join(lines).replace("\u00a0", " ") == text
        assert not any(line.split(" ")[0] in ("min", "s", "d") for line in lines)


def test_what_has_no_room_is_cut_and_that_shows() -> None:
    lines = wrapped("word " * 100, 12, 200, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(width_of(line, 12) <= 200 for line in lines)
    assert wrapped("", 12, 200, 2) in ([], [""])


@pytest.mark.parametrize(
    "text", ["", "short", "a_rather_long_name_of_a_model", "模型" * 40, "x" * 100_000, "e\u0301" * 90]
)
def test_fitted_text_has_room(text: str) -> None:
    shown = fitted(text, 12, 150)
    assert width_of(shown, 12) <= 150
    assert shown == text or shown.endswith("…")
