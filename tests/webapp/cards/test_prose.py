"""The words of an answer: Markdown, without what could reach out of the page."""

from __future__ import annotations

import pytest
from dbt_discovery_web.cards import prose
from dbt_discovery_web.cards.prose import prose_html
from hypothesis import given
from hypothesis import strategies as st

from tests.webapp.cards.html import Node, parsed

CLOUD = frozenset({"ab123.us1.dbt.com"})
ALLOWED = {
    *("a", "em", "strong", "s", "code", "pre", "br", "hr", "p", "blockquote", "ol", "ul", "li"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


def drawn(text: str, *findings: str) -> Node:
    return parsed(prose_html(text, findings, CLOUD))


def test_markdown_is_drawn() -> None:
    root = drawn("# Top\n\nA **bold** `name`\nand more\n\n- one\n- two\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n\n~~gone~~")
    assert root.one("h3").text == "Top"
    assert root.one("strong").text == "bold"
    assert root.one("code").text == "name"
    assert len(root.all("br")) == 1
    assert [item.text for item in root.all("li")] == ["one", "two"]
    assert [cell.text for cell in root.one("tbody").all("td")] == ["1", "2"]
    assert root.one("s").text == "gone"


def test_finding_stands_out_and_is_no_markdown() -> None:
    finding = "*stg__orders__daily* took [longest](/x): 5 min."
    root = drawn(f"Hm.\n\n{finding}\n\nAnd *this*.", finding)
    assert root.one("p", class_="lead").text == finding
    assert not root.one("p", class_="lead").all()
    assert root.one("em").text == "this"
    assert not drawn(f"- {finding}\n\nHm: {finding}", finding).all("p", class_="lead")[1:]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/?q=secret",
        "//evil.example/x",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "https://ab123.us1.dbt.com.evil.example/",
        "https://ab123.us1.dbt.com@evil.example/",
        "https://evil.example#ab123.us1.dbt.com",
        "http:evil.example",
        "mailto:a@evil.example",
        "relative",
        "https://[",
    ],
)
def test_link_to_elsewhere_is_its_words_alone(address: str) -> None:
    for text in (f"see [**the** page](<{address}>) here", f"see [**the** page][1] here\n\n[1]: <{address}>"):
        root = drawn(text)
        assert not root.all("a")
        assert "evil" not in str(root.one("strong"))
        assert root.one("strong").text == "the"
    assert not drawn(f"<{address}> and {address}").all("a")


def test_link_within_or_to_dbt_cloud_is_kept() -> None:
    root = drawn("[jobs](/browse/jobs/1) and [run](https://ab123.us1.dbt.com/runs/1)")
    assert [link.attributes for link in root.all("a")] == [
        {"href": "/browse/jobs/1", "rel": "noopener noreferrer"},
        {"href": "https://ab123.us1.dbt.com/runs/1", "rel": "noopener noreferrer"},
    ]


def test_pictures_are_their_description() -> None:
    root = drawn("![secret **chart**](https://evil.example/pixel.png?q=1) and ![](/static/icon.svg)")
    assert not root.all("img")
    assert "evil.example" not in root.raw
    assert root.text.startswith("secret")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<p class=lead style=color:red>x",
        "`<b>`",
        "```\n<script>\n```",
        "<!-- --><svg onload=alert(1)>",
        "&lt;script&gt;",
        '[x](/a"onclick=alert(1))',
    ],
)
def test_html_is_text(text: str) -> None:
    root = drawn(text)
    for node in root.all():
        assert node.tag in ALLOWED
        assert set(node.attributes) <= {"href", "rel", "class"}
    assert not root.all("script") + root.all("img") + root.all("svg") + root.all("p", class_="lead")


@given(st.text(alphabet="<>/\"'=&;:()[]!*_`#|-\\ \nascripthef", max_size=80))
def test_whatever_is_written_only_harmless_elements_come_out(text: str) -> None:
    html = prose_html(text, (), CLOUD)
    for node in parsed(str(html)).all():
        assert node.tag in ALLOWED
        assert set(node.attributes) <= {"href", "rel", "start"}
        assert node.attributes.get("href", "/").startswith("/")


def test_what_the_parser_lets_through_is_cleaned_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        options: object = None

        @property
        def renderer(self) -> Broken:
            return self

        def parse(self, text: str) -> list[object]:
            return []

        def render(self, *_: object) -> str:
            return "<p onclick=x>a<script>b</script><img src=//evil.example><a href=javascript:c>d</a></p>"

    monkeypatch.setattr(prose, "_parser", Broken)
    assert str(prose_html("anything")) == '<p>a<a rel="noopener noreferrer">d</a></p>'
