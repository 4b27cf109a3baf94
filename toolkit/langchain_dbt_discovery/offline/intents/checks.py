"""Tests of data: which models have them, which are flaky."""

from __future__ import annotations

from langchain_dbt_discovery.offline.intents.forms import Choice, Family, Intent

__all__ = ["CHECKS"]

_COVERAGE = "dbt_test_coverage"
_FAULTS = ("flakiness", "failure", "failing")
_FLAKY = "dbt_flaky_tests"

CHECKS = Family(
    topics={
        "flakiness": (
            r"\bflak(?:y|iest|iness|es)\b|\b(?:retry|re ?runs?|repeat|restart)\b.*\b(?:until|till?)\b|\bintermittent\w*"
            r"|\b(?:only )?sometimes fail\w*"
            r"|\b(?:fail\w*|red) (?:and|then|or)(?: then| sometimes)* (?:pass\w*|green)|\bpass\w* (?:and"
            r"|then)(?: then)? fail\w*"
            r"|\bon and off\b|\b(?:same|one|unchanged) (?:commit|code|sha)\b|\bflip(?:s|ping|ped)?\b|\bflap(?:s"
            r"|ping)?\b"
            r"|\bcome and go\b|\btests?\b.*\b(?:unreliable|unstable|non ?deterministic)\b"
            r"|\b(?:unreliable|unstable|non ?deterministic) tests?\b"
        ),
        "number of tests": r"\bhow many tests\b(?!.*\b(?:fail|pass|warn|flak|slow|long)\w*)",
        "warning": r"\btests?\b.*\bwarn(?:s|ed|ing|ings)?\b|\bwarn(?:s|ed|ing|ings)?\b.*\btests?\b",
        "coverage": (
            r"\bcoverage\b|\b(?:fewest|few|least|most|enough) tests\b"
            r"|\b(?:un|least |badly |poorly |well )?tested\b|\btests? (?:do )?(?:exist|are there"
            r"|depend)\b"
            r"|\bhow many tests\b|\bcovered (?:by|with) (?:\w+ )?tests?\b|\bwell covered\b"
            r"|^(?:which|what|list|show)\b(?!.*\b(?:fail|slow|long|warn|red|broken)\w*).*\btests (?:does|do|of|on"
            r"|for)\b(?!.*\b(?:fail|slow|long|warn)\w*)"
        ),
    },
    intents=(
        Intent("dbt_model_details", "number of tests", needs=("one model",)),
        Intent(_FLAKY, "flakiness"),
        Intent("dbt_failing_tests", "warning"),
        Intent(_COVERAGE, "coverage"),
    ),
    choices=(
        Choice(
            "reliability",
            "order_by",
            r"\b(?:failure|fail|error) rates?\b",
            "rate",
            only_if=r"^(?!.*\bflak).*\btests?\b",
        ),
        *(
            Choice(topic, "order_by", r"\bby (?:the )?(?:failure |fail )?rate\b|\bfailure rates?\b", "rate")
            for topic in _FAULTS
        ),
        *(Choice(topic, "order_by", r"\bmost recent(?:ly)?\b", "newest") for topic in _FAULTS),
        Choice("coverage", "order_by", r"\b(?:by|per|of each) project\b", "project"),
    ),
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
