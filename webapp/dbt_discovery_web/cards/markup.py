"""Markup: a cell as HTML. A card may have thousands of them, for which a template would be slow."""

from __future__ import annotations

from markupsafe import escape

from dbt_discovery_web.rendering.quantities import unbroken

__all__ = ["breakable", "link", "moment", "status", "unfolded"]

_OUTSIDE = 'target="_blank" rel="noopener noreferrer" title="Opens in dbt Cloud"'


def breakable(text: str) -> str:
    """A text that a narrow column breaks between the words of a name, and not within a quantity."""
    return str(escape(unbroken(text))).replace("_", "_<wbr>")


def link(inside: str, text: str, place: str, page: str) -> str:
    """A cell's content with the links to its page here and to the one in dbt Cloud."""
    outside = f'<a href="{escape(page)}" {_OUTSIDE}>' if page else ""
    if not place:
        return f"{outside}{inside}</a>" if page else inside
    here = f'<a href="{escape(place)}">{inside}</a>'
    if not page:
        return here
    mark = outside.replace("<a ", '<a class="cloud" ', 1)
    return f'{here} {mark}<span class="hidden">{escape(text)} in dbt Cloud</span></a>'


def moment(text: str, machine: str, exact: str) -> str:
    """A moment or a duration, which says precisely what it is where a pointer rests."""
    return f'<time datetime="{escape(machine)}" title="{escape(exact)}">{escape(text)}</time>'


def status(text: str, name: str) -> str:
    """A status in the colour of its class."""
    return f'<span class="status status-{escape(name)}">{escape(text)}</span>'


def unfolded(text: str, whole: str) -> str:
    """A text that unfolds where there is no room for all of it."""
    return f'<details class="long"><summary>{escape(text)}</summary><pre>{escape(whole)}</pre></details>'
