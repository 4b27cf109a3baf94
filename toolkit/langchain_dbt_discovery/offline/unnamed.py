"""What to say to names that nothing has: of jobs, where a token is told no job's name, and of tags."""

from __future__ import annotations

import re

from langchain_dbt_discovery.offline.draft import Draft, phrases
from langchain_dbt_discovery.offline.names import Mention
from langchain_dbt_discovery.offline.vocabulary import Entry, Lexicon

__all__ = ["unknown_tag", "unnamed_job"]

_MOST_TAGS = 12
_BY_ID = re.compile(r"Job \d+")


def unnamed_job(draft: Draft, lexicon: Lexicon) -> str:
    """Why a question cannot be answered that calls a job by its name; empty where none does, or where names are known.

    A token for metadata alone knows jobs by their ids. Then `Growth nightly` would be read as a project and a tag, and
    something else be answered than was asked.
    """
    jobs = [entry for entry in lexicon.entries if entry.kind == "jobs"]
    if not jobs or draft.subject == "model" or not all(_BY_ID.fullmatch(entry.name) for entry in jobs):
        return ""
    said = [mention for mention in draft.mentions if not mention.excluded and (_of_a_job(mention) or _bare(mention))]
    if not any(_of_a_job(mention) or _only_a_tag(mention) for mention in said):
        return ""
    words = [mention.said for mention in sorted(said, key=lambda mention: draft.asked.find(mention.said))]
    whole = " ".join(words)
    name = phrases([whole] if whole in draft.asked else words)
    return (
        f"The names of jobs are not known to this token, so I cannot tell which job {name} is. Ask for a job by its "
        f"id, such as “{jobs[0].text}”{_or_by_tag(said)}."
    )


def unknown_tag(draft: Draft, lexicon: Lexicon) -> str:
    """Why a question cannot be answered that names a tag that no model has; empty where it names none such.

    Filtered by it, every report would be empty, as if there were nothing to tell.
    """
    known = list(dict.fromkeys(entry.name for entry in lexicon.entries if entry.kind == "tags"))
    strange = [tag for tag in draft.fields.get("tags", ()) if tag not in known]
    if not known or not strange:
        return ""
    there = (
        f"The tags are {phrases(known)}"
        if len(known) <= _MOST_TAGS
        else f"Some of the tags are {phrases(known[:_MOST_TAGS])}"
    )
    return f"There is no tag {phrases(strange)} in this account. {there}."


def _of_a_job(mention: Mention) -> bool:
    """Whether the words around it say that it is a job's name; a number is an id."""
    return mention.kind == "jobs" and not _kinds(mention) & {"jobs"} and not mention.said.isdigit()


def _bare(mention: Mention) -> bool:
    """Whether no word around it says what it is."""
    return not mention.kind and not mention.preposition and not _kinds(mention) & {"jobs", "models"}


def _only_a_tag(mention: Mention) -> bool:
    return _bare(mention) and _kinds(mention) == {"tags"}


def _kinds(mention: Mention) -> set[str]:
    return {entry.kind for entry in mention.entries}


def _or_by_tag(mentions: list[Mention]) -> str:
    """How to say that a tag is meant, where a word is one."""
    likeliest = sorted(mentions, key=lambda mention: len(_kinds(mention)))
    tags: list[Entry] = [entry for mention in likeliest for entry in mention.entries if entry.kind == "tags"]
    return f", or for models by “tag {tags[0].name}”" if tags else ""
