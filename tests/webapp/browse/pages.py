"""Pages as a browser without scripts has them: where links lead, what a form would send, what an element holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["HTML", "Element", "parsed"]

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
"""What a browser says it takes."""
_VOID = frozenset({"input", "link", "meta", "img", "br", "wbr", "hr"})
_LEAVES = frozenset({"path", "rect", "line", "circle"})


@dataclass
class Element:
    """An element with all that is in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, with single blanks."""
        return " ".join("".join(each if isinstance(each, str) else each.whole for each in self.children).split())

    @property
    def whole(self) -> str:
        """All text in it as it is."""
        return "".join(each if isinstance(each, str) else each.whole for each in self.children)

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """The elements in it of a tag, with some attributes; a class is one of several."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if child._fits(tag, attributes):
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str) -> Element:
        """The only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    def links(self) -> dict[str, str]:
        """Where links lead, by their words."""
        return {link.text: link.attributes["href"] for link in self.all("a") if "href" in link.attributes}

    def sends(self) -> list[tuple[str, str]]:
        """What a browser would send of the form that this is."""
        sent = []
        for each in self.all():
            name, value = each.attributes.get("name"), each.attributes.get("value", "")
            if name is None:
                continue
            if each.tag == "select":
                options = each.all("option")
                chosen = [option for option in options if "selected" in option.attributes] or options[:1]
                sent += [(name, option.attributes["value"]) for option in chosen]
            elif each.tag == "input" and (
                each.attributes.get("type") not in ("checkbox", "radio") or "checked" in each.attributes
            ):
                sent.append((name, value))
        return sent

    def _fits(self, tag: str, attributes: dict[str, str]) -> bool:
        own = self.attributes
        return (not tag or self.tag == tag) and all(
            value in own.get("class", "").split() if name == "class_" else own.get(name.replace("_", "-")) == value
            for name, value in attributes.items()
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        assert opened.tag == tag, f"</{tag}> ends <{opened.tag} {opened.attributes}>"

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parsed(text: str) -> Element:
    """The page; every element that begins in it also ends."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader._open == [reader.root], "not everything ends"
    return reader.root
