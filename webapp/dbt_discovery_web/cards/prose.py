"""Prose: the words of an answer as HTML.

A model writes Markdown, and what it repeats of names and error texts may have been written by anybody. Raw HTML is
text, pictures are their description, and a link leads to this server or to dbt Cloud, or is its words alone: an address
from elsewhere could carry off in its query what the answer holds. What comes out is cleaned once more, by other means.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from dbt_discovery_web.rendering.quantities import unbroken

__all__ = ["prose_html"]

_TAGS = frozenset(
    {*("a", "em", "strong", "s", "code", "pre", "br", "hr", "p", "blockquote", "ol", "ul", "li")}
    | {*("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")}
)
_LOWER = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6", "h6": "h6"}
"""What headings become below the page's own."""
_SCHEMES = ("http", "https")


def prose_html(text: str, findings: Collection[str] = (), hosts: Collection[str] = ()) -> Markup:
    """The words of an answer as HTML that is safe in a page.

    Args:
        text: The words, in Markdown.
        findings: Sentences that were computed: one that is a paragraph of its own stands out, and is no Markdown.
        hosts: The hosts of dbt Cloud, to which links may lead.
    """
    tokens = _parser().parse(text)
    computed = {finding.strip() for finding in findings}
    for at, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = _LOWER[token.tag]
        if token.type == "inline":
            if token.content.strip() in computed and tokens[at - 1].type == "paragraph_open":
                tokens[at - 1].attrSet("class", "lead")
                token.children = [Token("text", "", 0, content=token.content)]
            token.children = _told(token.children or (), hosts)
    html = _parser().renderer.render(tokens, _parser().options, {})
    return Markup(
        nh3.clean(
            html,
            tags=set(_TAGS),
            attributes={"a": {"href"}, "ol": {"start"}},
            allowed_classes={"p": {"lead"}},
            url_schemes=set(_SCHEMES),
            link_rel="noopener noreferrer",
        )
    )


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def _told(children: Sequence[Token], hosts: Collection[str]) -> list[Token]:
    """What is inside a paragraph, without pictures and without links that lead astray."""
    told: list[Token] = []
    followed: list[bool] = []
    for token in children:
        if token.type == "image":
            told.append(Token("text", "", 0, content=token.content))
        elif token.type == "link_open":
            followed.append(_may_lead(token.attrGet("href"), hosts))
            told += [token] if followed[-1] else []
        elif token.type == "link_close":
            told += [token] if followed.pop() else []
        else:
            token.content = unbroken(token.content) if token.type == "text" else token.content
            told.append(token)
    return told


def _may_lead(address: Any, hosts: Collection[str]) -> bool:
    """Whether a link may lead to an address: one of this server, or one of dbt Cloud."""
    try:
        parts = urlsplit(str(address))
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        # A browser takes // and /\ for another host's.
        return parts.path.startswith("/") and not parts.path.startswith(("//", "/\\"))
    return parts.scheme in _SCHEMES and parts.hostname in hosts and "@" not in parts.netloc
