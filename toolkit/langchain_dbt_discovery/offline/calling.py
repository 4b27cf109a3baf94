"""From an intent to its call: with the model, job or run that the tool is about, wherever that was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_dbt_discovery.offline.call import Call, narrowed
from langchain_dbt_discovery.offline.draft import Draft, phrases
from langchain_dbt_discovery.offline.named import Named, Question, named_arguments, read_names
from langchain_dbt_discovery.offline.schema import ToolSchema
from langchain_dbt_discovery.offline.subject import ask_for_one, in_form, missing, search, too_many
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["Saying", "Settled", "call_of"]

Settled = Mapping[str, Sequence[str]]
"""What words of a question mean, as the person said when asked back."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A question as it was read, to make a call of.

    Attributes:
        draft: The question.
        named: What its names mean.
        arguments: What it says, as arguments.
        before: The arguments of the call before, if there was one.
        settled: What words of it mean, as the person said when asked back.
    """

    draft: Draft
    named: Named
    arguments: Mapping[str, Any]
    before: Mapping[str, Any]
    settled: Settled


def call_of(tool: ToolSchema, saying: Saying, base: Mapping[str, Any], lexicon: Lexicon) -> Call | Question | str:
    """The call of a tool, or what has to be asked first.

    What the tool has to be told is looked for in the question's other words, then in the question before.

    Args:
        tool: The tool.
        saying: The question.
        base: What the tool is given besides, unless the question says otherwise.
        lexicon: The names that questions may use.
    """
    draft, named, settled = saying.draft, saying.named, saying.settled
    said = dict(saying.arguments)
    if wanted := missing(tool, {**base, **said}):
        found = search(draft, wanted, lexicon)
        chosen = settled.get(found.said) or (found.names if len(found.names) == 1 else ())
        if found.names and not chosen:
            return Question(found.kind, found.said, found.names)
        if chosen:
            others = [mention for mention in draft.mentions if mention is not found.mention]
            named = read_names(others, draft.subject, settled)
            said = {
                **{name: said[name] for name in said if name not in ("projects", "tags", "include_or_exclude")},
                **named_arguments(draft, named),
                found.kind: list(chosen),
            }
            draft = replace(draft, unknown=[word for word in draft.unknown if word not in found.said.split()])
        elif earlier := {name: saying.before[name] for name in wanted if saying.before.get(name)}:
            said |= earlier
            about = [
                str(each) for value in earlier.values() for each in (value if isinstance(value, list) else [value])
            ]
            draft = replace(draft, remarks=[*draft.remarks, f"I took that as still about {phrases(about)}"])
        elif len(draft.unknown) == 1:
            said["models" if "models" in wanted else "jobs"] = draft.unknown
            draft = replace(draft, unknown=[])
        else:
            return ask_for_one(wanted, lexicon)
    if refusal := too_many(tool, said):
        return refusal
    base = {field: value for field, value in base.items() if field not in said}
    return narrowed(tool, in_form(tool, said), draft, named, in_form(tool, base))
