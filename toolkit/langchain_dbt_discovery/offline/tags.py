"""Tags that are called so: `tagged finance and pii`, `with tag daily`, `tag:nightly`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rapidfuzz import fuzz, process

from langchain_dbt_discovery.offline.filters import MATERIALIZATIONS
from langchain_dbt_discovery.offline.phrase import Phrase
from langchain_dbt_discovery.offline.stopwords import STOPWORDS
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["read_tags"]


def read_tags(phrase: Phrase, lexicon: Lexicon) -> dict[str, Any]:
    """Tags that are called so: `tagged finance and pii`, `with tag daily`, `tag:nightly`."""
    word = r"[\w:/-]+"
    known = {entry.name.casefold(): entry.name for entry in lexicon.entries if entry.kind == "tags"}
    pair = rf"(?P<one>{word}) (?P<joined>and|or) (?:the )?(?P<other>{word})"
    for pattern in (
        rf"(?<!in )(?<!of )(?<!from )\b(?:both"
        rf"|either) (?:the )?{pair}(?: tags?\b)?",
        rf"\b{pair} tags?\b",
        rf"\b(?:both|either|all|any)(?: of)?(?: the)? tags?(?: [,:])? {pair}",
    ):
        found = re.search(pattern, phrase.text)
        if found and {found["one"], found["other"]} <= set(known):
            phrase.drop(found[0])
            both = {"tags_match": "all"} if found["joined"] == "and" else {}
            return {"tags": [known[found["one"]], known[found["other"]]], **both}
    match = phrase.take(
        rf"\b(?:(?:that are |which are )?tagg?ed(?: with| as)?|(?:with |of |having "
        rf"|have )?(?:both )?(?:the |a )?tags?:?)(?: is| are)? (?:both |either |all of |any of |any |as )?(?:the )?"
        rf"((?!(?:and|or|in|of|does|do|has|have|is|are|it|they|on)\b){word}(?:(?: ?, ?| and | or )(?!(?:in|of|which"
        r"|that|what"
        rf"|their)\b){word}(?! (?:models?|jobs?)\b))*)"
    )
    if match is None:
        bare = re.search(rf"(?<![\w:/-])({word}) (?:tagg?ed|tags?)\b", phrase.text)
        if bare and (bare[1] in known or bare[1] not in STOPWORDS):
            match = phrase.take(re.escape(bare[1]) + r" (?:tagg?ed|tags?)\b") and bare
    if match is None:
        return {}
    words = [each for each in match[1].replace(",", " ").split() if each not in ("and", "or", "the")]
    if kinds := [each for each in words[1:] if each not in known and re.fullmatch(MATERIALIZATIONS, each)]:
        words = [each for each in words if each not in kinds]  # “tagged finance and incremental”
        phrase.text += "".join(f" | materialized as {each}" for each in kinds)
    if others := [each for each in words[1:] if each not in known and each in STOPWORDS]:
        words = [each for each in words if each not in others]  # “tagged finance, yesterday”
        phrase.text += f" | {' '.join(others)}"
    every = len(words) > 1 and " or " not in match[1] and not re.search(r"\b(?:either|any)\b", match[0])
    return {"tags": [_tag(each, known) for each in words], **({"tags_match": "all"} if every else {})}


def _tag(said: str, known: Mapping[str, str]) -> str:
    if said in known:
        return known[said]
    near = process.extractOne(said, list(known), scorer=fuzz.ratio, score_cutoff=80)
    return known[near[0]] if near else said
