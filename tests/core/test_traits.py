"""Traits that no model has: told, with those that are near."""

from __future__ import annotations

import pytest
from dbt_discovery import ModelFilter, SearchFilter
from dbt_discovery.models.records import ModelRecord
from dbt_discovery.services.parsing import parse_model
from dbt_discovery.traits import unknown_traits

from tests.core.tiny import model


def made(name: str, **more: object) -> ModelRecord:
    return parse_model(model(name, 1.0, **more))


MODELS = [
    made("orders", tags=["Finance", "pii"], packageName="shop", group="money"),
    made("customers", tags=["marketing"], packageName="shop", materializedType="view"),
]


@pytest.mark.parametrize(
    ("wanted", "sentences"),
    [
        (ModelFilter(), []),
        (ModelFilter(tags=["finance", "PII"], materialization="Table", package="SHOP", group="money"), []),
        (ModelFilter(tags="finanse"), ["None of 2 models has the tag “finanse”. Did you mean “Finance”?"]),
        (ModelFilter(tags=["pii", "zzz"]), ["None of 2 models has the tag “zzz”."]),
        (
            SearchFilter(materialization="tabel"),
            ["None of 2 models has the materialization “tabel”. Did you mean “table”?"],
        ),
        (ModelFilter(package="shops"), ["None of 2 models has the package “shops”. Did you mean “shop”?"]),
        (
            ModelFilter(group="monkey", tags="piii"),
            [
                "None of 2 models has the tag “piii”. Did you mean “pii”?",
                "None of 2 models has the group “monkey”. Did you mean “money”?",
            ],
        ),
    ],
    ids=str,
)
def test_what_no_model_has_is_told(wanted: ModelFilter, sentences: list[str]) -> None:
    assert unknown_traits(wanted, MODELS) == sentences


def test_where_there_are_no_models_nothing_is_told() -> None:
    assert unknown_traits(ModelFilter(tags="finance"), []) == []
