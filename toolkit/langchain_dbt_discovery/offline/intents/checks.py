"""Tests of data: which models have them, which are flaky."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent

__all__ = ["CHECKS"]

_COVERAGE = "dbt_test_coverage"
_FLAKY = "dbt_flaky_tests"

CHECKS = Family(
    topics={
        "flakiness": (
            r"\bflak(?:y|iest|iness|es)\b|\bretry\b.*\buntil\b|\bintermittent\w*|\b(?:only )?sometimes fail\w*"
            r"|\bfail\w* (?:and|then)(?: then)? pass\w*|\bon and off\b"
        ),
        "coverage": (
            r"\bcoverage\b|\b(?:un|least |badly |poorly |well )?tested\b|\btests? (?:do )?(?:exist|are there|depend)\b"
            r"|\bhow many tests\b"
            r"|^(?:which|what|list|show)\b.*\btests (?:does|do|of|on|for)\b(?!.*\b(?:fail|slow|long|warn)\w*)"
        ),
    },
    intents=(Intent(_FLAKY, "flakiness"), Intent(_COVERAGE, "coverage")),
    choices=(Choice("coverage", "order_by", r"\b(?:by|per|of each) project\b", "project"),),
    abilities={
        _COVERAGE: "how well models are tested (“Which models have no tests?”)",
        "dbt_failing_tests": "failing tests (“Which tests failed most often this month?”)",
        _FLAKY: "flaky tests (“Which tests do we just retry until they pass?”)",
        "dbt_slowest_tests": "the slowest tests (“Which tests are slowest?”)",
    },
    absent={
        "flakiness": "I cannot tell here which tests are flaky. Failed runs name the tests that failed in them.",
        "coverage": "I have no report about tests here. Failed runs name the tests that failed in them.",
    },
)
