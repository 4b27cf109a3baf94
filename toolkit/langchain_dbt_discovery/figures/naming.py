"""Where a sentence names rows of a report, and which of its figures are theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from langchain_dbt_discovery.figures.evidence import Named
from langchain_dbt_discovery.figures.figure import Figure
from langchain_dbt_discovery.figures.reported import RowEvidence

__all__ = ["Mention", "assignments", "distinct", "masked", "mentions_in"]

_WIDE = ("project_name", "environment_name", "project_id")
"""Names of what holds many rows: they say which rows are meant only where nothing else does."""
_AND = re.compile(r"[\s,;/&]*(?:and|or)?\s*(?:about|around|roughly|almost|nearly)?\s*")
_PROSE = re.compile(r"[a-z]+")


class Mention(NamedTuple):
    """Where a sentence names rows.

    Attributes:
        start: Where the name begins.
        end: Where it ends, or that of a further name of the same rows.
        rows: The rows.
        wide: Whether they are named by what holds them, such as their project.
    """

    start: int
    end: int
    rows: list[RowEvidence]
    wide: bool


def mentions_in(text: str, names: Mapping[str, Sequence[Named]]) -> list[Mention]:
    """Where a sentence names rows: the longest names first, a name beside its project as one."""
    lower = text.lower()
    taken: list[Mention] = []
    for name in sorted((name for name in names if name in lower), key=len, reverse=True):
        for match in re.finditer(rf"(?<![\w.]){re.escape(name)}(?!\w)", lower):
            start, end = match.span()
            meant = [each for each in names[name] if _is_meant(each, text[start:end])]
            if meant and all(end <= other.start or other.end <= start for other in taken):
                taken.append(Mention(start, end, [each.row for each in meant], all(e.key in _WIDE for e in meant)))
    joined = _joined(sorted(taken), text)
    narrow = [mention for mention in joined if not mention.wide]
    return narrow or joined


def masked(text: str, mentions: Iterable[Mention]) -> str:
    """The text with `§` for every letter of a name, so that no figure is read out of one."""
    for mention in mentions:
        text = text[: mention.start] + "§" * (mention.end - mention.start) + text[mention.end :]
    return text


def distinct(rows: Iterable[RowEvidence]) -> list[RowEvidence]:
    """Each row once."""
    return list({id(row): row for row in rows}.values())


def assignments(text: str, figures: Sequence[Figure], mentions: Sequence[Mention]) -> Iterator[list[list[RowEvidence]]]:
    """The ways in which figures may belong to the rows that are named.

    They belong to those before them, or to those after them. As many figures as names in front of them, one right
    after the other, belong to one each: `A and B took 5 and 7 minutes`.
    """
    if _in_turn(text, figures, mentions):
        yield [mention.rows for mention in mentions]
        return
    groups = _groups(figures, mentions)
    before = []
    for figure in figures:
        preceding = [rows for start, rows in groups if start <= figure.start]
        before.append(preceding[-1] if preceding else groups[0][1])
    yield before
    after = [[rows for start, rows in groups if start > figure.start] for figure in figures]
    if all(after):
        yield [following[0] for following in after]


def _in_turn(text: str, figures: Sequence[Figure], mentions: Sequence[Mention]) -> bool:
    if not 1 < len(mentions) == len(figures) or figures[0].start < mentions[-1].end:
        return False
    ends = [figure.start + len(figure.text) for figure in figures]
    return all(_AND.fullmatch(text[end : figure.start]) for end, figure in zip(ends, figures[1:], strict=False))


def _is_meant(named: Named, said: str) -> bool:
    """Whether a word is the name: one that may be any word, such as `orders`, has to be written in the same way."""
    name = named.row.row[named.key]
    return not _PROSE.fullmatch(name) or said == name


def _joined(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """Mentions of the same rows, with no figure between them, as one."""
    joined: list[Mention] = []
    for mention in mentions:
        before = joined[-1] if joined else None
        if before and not re.search(r"\d", text[before.end : mention.start]):
            known = {id(row) for row in before.rows}
            if both := [row for row in mention.rows if id(row) in known]:
                joined[-1] = Mention(before.start, mention.end, both, before.wide and mention.wide)
                continue
        joined.append(mention)
    return joined


def _groups(figures: Sequence[Figure], mentions: Sequence[Mention]) -> list[tuple[int, list[RowEvidence]]]:
    """Mentions with no figure between them, together: `A and B took …` says something of both."""
    groups: list[tuple[int, list[RowEvidence]]] = []
    last_end = 0
    for mention in mentions:
        if groups and not any(last_end <= figure.start < mention.start for figure in figures):
            groups[-1][1].extend(mention.rows)
        else:
            groups.append((mention.start, list(mention.rows)))
        last_end = mention.end
    return groups
