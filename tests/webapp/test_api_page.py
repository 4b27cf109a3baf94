"""The description of the paths, as people read it."""

from __future__ import annotations

from typing import Any

from dbt_discovery_web.api_page import described_paths


def described(text: str) -> Any:
    operation = {"operationId": "a", "tags": ["Chat"], "summary": "A", "description": text, "responses": {}}
    return described_paths({"paths": {"/a": {"get": operation}}})["Chat"][0]


def test_a_name_in_a_description_is_told_from_the_words_around_it() -> None:
    operation = described("With `replace` it is <put> again.\n\n- `begun`, first\n- done")
    assert [str(each) for each in operation.paragraphs] == ["With <code>replace</code> it is &lt;put&gt; again."]
    assert [str(each) for each in operation.questions] == ["<code>begun</code>, first", "done"]
    assert described("`<b>`").paragraphs == ["<code>&lt;b&gt;</code>"]
