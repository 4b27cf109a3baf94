"""What a language model is told of a report's arguments, and how what it says is understood.

A model reads the schemas of all tools with every question, so that each argument is told as briefly as it can be acted
on: the main ones one by one, the rarer ones by name in the description of one argument, `more`, and those that only
say what another says not at all. All of them are taken, in `more` or by themselves. Fields say which they are where
they are declared: `dbt_discovery.models.telling`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, cast
from urllib.parse import unquote_plus

from dbt_discovery.models.telling import Told, told
from dbt_discovery.reports.declaration import ReportArguments
from pydantic import Field, GetJsonSchemaHandler, create_model, model_validator
from pydantic_core import CoreSchema, from_json

__all__ = ["MORE", "arguments_for_models", "said_arguments", "told_arguments"]

MORE = "more"
_NEXT = re.compile(r"(?<![\s&,;])(?=[^\S\n]*+[&,;\n])[\s&,;]++(?=\w+\s*=)")
"""Where the next `name=value` begins: names from dbt may hold these signs too."""


_NOTHING = ("null", "none")
"""What models write where they mean to give no text."""


class _ForModels(ReportArguments):
    """What makes a report's arguments those of its tool: `more`, and a JSON schema that is a digest."""

    more: Any = Field(default=None, exclude=True, description="Further arguments as a query: name=value&name=value.")

    @model_validator(mode="before")
    @classmethod
    def _as_models_say_it(cls, given: Any) -> Any:
        """The arguments with those in `more` among them, which win: a door may have filled the others with defaults.

        Nulls and empty texts and lists are left away: by these a model says that it gives nothing.
        """
        if not isinstance(given, Mapping):
            return given
        said = {name: value for name, value in given.items() if name != MORE} | _unfolded(given.get(MORE))
        return {name: _filled(value) for name, value in said.items() if not _empty(value)}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        declared = cast("type[ReportArguments]", cls.__bases__[1])
        return _digest(declared)


@cache
def arguments_for_models(arguments: type[ReportArguments]) -> type[ReportArguments]:
    """The class of a report's arguments as its tool's `args_schema`: it takes `more` too, and its schema is brief."""
    return create_model(arguments.__name__, __base__=(_ForModels, arguments), __doc__=arguments.__doc__)


def said_arguments(arguments: type[ReportArguments], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a model said to a tool as plain arguments: those in `more` among the others, each as its field has it.

    Arguments that the tool would refuse are left as they are.
    """
    try:
        return arguments_for_models(arguments).model_validate(given).model_dump(mode="json", exclude_unset=True)
    except ValueError:
        return dict(given)


def told_arguments(arguments: type[ReportArguments]) -> list[str]:
    """The names of the arguments that a model is told."""
    return [name for name in arguments.model_fields if told(arguments, name).place != "nowhere"]


def _empty(value: Any) -> bool:
    """Whether a value says nothing: null, an empty text, or a list of nothing but these."""
    if isinstance(value, list | tuple):
        return all(map(_empty, value))
    return value is None or (isinstance(value, str) and not value.strip())


def _filled(value: Any) -> Any:
    """A list without what is empty in it; anything else as it is."""
    return [each for each in value if not _empty(each)] if isinstance(value, list | tuple) else value


def _unfolded(more: Any) -> dict[str, Any]:
    """What `more` says, by name: of a query, several of them, or an object. A name said twice has both values."""
    if _empty(more) or (isinstance(more, str) and more.strip().casefold() in _NOTHING):
        return {}
    if isinstance(more, Mapping):
        return dict(more)
    if isinstance(more, str) and more.lstrip().startswith("{"):
        with suppress(ValueError):
            return dict(from_json(more))
    found: dict[str, list[str]] = {}
    for query in more if isinstance(more, list | tuple) else [more]:
        for part in _NEXT.split(str(query).strip(" ?&")):
            name, equals, value = part.partition("=")
            if not equals:
                raise ValueError(f"{MORE} takes a query such as tags=finance&tags=pii, and not “{part[:80]}”")
            found.setdefault(name.strip(), []).append(unquote_plus(value.strip()))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


@cache
def _digest(arguments: type[ReportArguments]) -> dict[str, Any]:
    """The JSON schema of the arguments as models are sent it.

    It keeps to what every provider takes: plain types without references and nulls. `more` is a text, since Gemini
    refuses an object without fixed properties, and OpenAI's strict mode closes it.
    """
    whole = arguments.model_json_schema()
    schemas = {name: _plain(schema, whole.get("$defs", {})) for name, schema in whole["properties"].items()}
    ways = {name: told(arguments, name) for name in schemas}
    aside = [name for name, way in ways.items() if way.place == "aside"]
    if len(aside) == 1:  # it needs no list
        aside.clear()
    own = [name for name, way in ways.items() if way.place != "nowhere" and name not in aside]
    properties = {name: _property(schemas[name], ways[name]) for name in own}
    if aside:
        listed = ", ".join(f"{name} ({ways[name].words})" if ways[name].words else name for name in aside)
        properties[MORE] = {"type": "string", "description": f"Filters as a=1&b=2: {listed}"}
    return {"type": "object", "properties": properties}


def _property(schema: Mapping[str, Any], way: Told) -> dict[str, Any]:
    """An argument of its own: its type and its choices, which say what it is, or else in words what it takes."""
    brief = _typed(schema)
    if "items" in schema:
        brief["items"] = _typed(schema["items"])
    words = schema.get("description") if way.words is None else way.words
    chosen = "enum" in brief or "enum" in brief.get("items", {})
    return brief | ({"description": words} if words and not chosen else {})


def _typed(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: schema[key] for key in ("type", "enum") if key in schema}


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with its references followed and its null taken away."""
    plain = dict(schema)
    if reference := plain.pop("$ref", ""):
        plain = _plain(definitions[reference.rpartition("/")[2]], definitions) | plain
    choices: Iterable[Mapping[str, Any]] = plain.pop("anyOf", ())
    for choice in choices:
        if choice.get("type") != "null":
            plain = _plain(choice, definitions) | plain
            break
    if "items" in plain:
        plain["items"] = _plain(plain["items"], definitions)
    return plain
