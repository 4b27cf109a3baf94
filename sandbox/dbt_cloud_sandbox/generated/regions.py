"""Regions: how a blueprint grows into a project of any size, as a company that opens one country after another.

A grown project keeps its blueprint's models as its core. Each region has them once more under names of its own, with
tables of its own below them, the same tests and quicker models. Regions make areas, and an area's jobs build no more
than the area. What is left over to the number of models wanted are reports on the core.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dbt_cloud_sandbox.generated.blueprint import Blueprint, JobPlan, ModelPlan, SourcePlan, blueprints, model_plans
from dbt_cloud_sandbox.generated.chance import chance

DIVISIONS = ("Retail", "Wholesale", "Logistics", "Marketplace", "Travel", "Insurance", "Energy", "Media", "Mobility")
AREAS = {
    "Central Europe": "at ch cz de hu pl si sk",
    "Western Europe": "be es fr gb ie lu nl pt",
    "Northern Europe": "dk ee fi is lt lv no se",
    "Southern Europe": "ba bg gr hr it mt ro rs",
    "Latin America": "ar br cl co cr mx pe uy",
    "North America": "us_east us_west us_north us_south ca_east ca_west pr bm",
    "Asia Pacific": "au hk id jp kr nz sg tw",
    "Middle East": "ae bh il jo kw om qa sa",
    "Africa": "eg gh ke ma ng sn tn za",
}
CUTS = ("channel", "segment", "country", "weekday", "month", "plan", "cohort", "device", "team", "campaign", "language")
QUEUE = (5.0, 90.0)
CORE = "core"
NARROWED = ("build", "run", "test")


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a project that has its own jobs; ``name`` is empty for the core, which has no regions."""

    name: str
    tag: str
    regions: tuple[str, ...]


def company(count: int) -> list[Blueprint]:
    """As many projects: the blueprints, then the same in one division after another."""
    found: list[Blueprint] = []
    for place in range(count):
        base, turn = blueprints()[place % 3], place // 3
        found.append(_in_division(base, turn) if turn else base)
    return found


def _in_division(base: Blueprint, turn: int) -> Blueprint:
    """The project in another division; its stories happen on days of their own."""
    again, place = divmod(turn - 1, len(DIVISIONS))
    name = DIVISIONS[place] + (f" {again + 1}" if again else "")
    phases = {
        "regression_phase": base.stories.regression_phase + 5 * turn,
        "broken_phase": base.stories.broken_phase + 5 * turn,
    }
    return replace(
        base,
        name=f"{base.name} {name}",
        package=f"{base.package}_{_tag(name)}",
        description=f"{base.description} {name} division.",
        jobs=tuple(replace(job, name=f"{job.name} {name}") for job in base.jobs),
        stories=replace(base.stories, **phases),  # type: ignore[arg-type]
    )


def grown(blueprint: Blueprint, models: int) -> tuple[Blueprint, tuple[Area, ...]]:
    """The project with exactly that many models, and its areas, the core first."""
    size = sum(1 for _ in model_plans(blueprint))
    count, left = divmod(models - size, size)
    areas = tuple(_areas(count))
    whole = replace(
        blueprint,
        models=tuple(replace(plan, tags=(*plan.tags, CORE)) for plan in blueprint.models),
        sources=tuple(replace(plan, tags=(CORE,)) for plan in blueprint.sources),
        tags=(CORE,),
    )
    for area in areas:
        for region in area.regions:
            whole = _opened(whole, blueprint, area, region)
    return replace(whole, models=(*whole.models, *_reports(blueprint, left))), (Area("", CORE, ()), *areas)


def _areas(regions: int) -> Iterator[Area]:
    """Areas that hold as many regions; when the world is used up it begins again."""
    turn = 0
    while regions > 0:
        again = f" {turn + 1}" if turn else ""
        for name, codes in AREAS.items():
            here = tuple(code + again.replace(" ", "") for code in codes.split()[:regions])
            if here:
                yield Area(name + again, _tag(name + again), here)
            regions -= len(here)
        turn += 1


def _opened(whole: Blueprint, base: Blueprint, area: Area, region: str) -> Blueprint:
    """The project with one region more."""
    tags = (region, area.tag)
    share = 0.04 + 0.2 * chance("region", base.package, region).random()
    names = {f"stg_{plan.source}__{plan.table}": f"stg_{plan.source}_{region}__{plan.table}" for plan in base.sources}
    names |= {plan.name: f"{plan.name}_{region}" for plan in base.models}
    models = (
        ModelPlan(
            name=names[plan.name],
            seconds=round(plan.seconds * share, 2),
            materialized=plan.materialized,
            parents=tuple(names.get(parent, parent) for parent in plan.parents),
            tags=(*plan.tags, *tags),
            group=plan.group,
        )
        for plan in base.models
    )
    return replace(
        whole,
        models=(*whole.models, *models),
        sources=(
            *whole.sources,
            *(SourcePlan(f"{plan.source}_{region}", plan.table, plan.loader, tags) for plan in base.sources),
        ),
        untested=whole.untested | {names[name] for name in base.untested},
        singular_tests=(
            *whole.singular_tests,
            *((f"{name}_{region}", names[model], seconds * share) for name, model, seconds in base.singular_tests),
        ),
        exposures=(
            *whole.exposures,
            *((f"{name}_{region}", kind, tuple(names[p] for p in parents)) for name, kind, parents in base.exposures),
        ),
    )


def _reports(base: Blueprint, count: int) -> Iterator[ModelPlan]:
    """Reports that cut the core's facts one way and another."""
    facts = [plan for plan in base.models if plan.name.startswith("fct_")]
    for place in range(count):
        cut, fact = CUTS[place // len(facts)], facts[place % len(facts)]
        name = f"rpt_{fact.name.removeprefix('fct_')}_by_{cut}"
        seconds = round(3.0 + 30.0 * chance("report", name).random(), 2)
        yield ModelPlan(name, seconds, "table", (fact.name,), (base.package, "nightly", CORE), fact.group)


def jobs_of_area(project: Blueprint, area: Area) -> Iterator[JobPlan]:
    """The project's jobs, each for an area alone. Sources and documentation are the core's business."""
    for job in project.jobs:
        if not area.name:
            yield replace(job, steps=tuple(_narrowed(step, CORE) for step in job.steps))
        elif steps := _builds(job):
            yield _for(job, area.name, area.tag, steps, area.regions[0])


def jobs_of_region(project: Blueprint, areas: tuple[Area, ...]) -> Iterator[JobPlan]:
    """The jobs of single regions: the project's scheduled ones, the most frequent first."""
    scheduled = (job for job in project.jobs if job.ci_rate is None and job.environment == "Production")
    for job in sorted(scheduled, key=lambda job: -len(job.schedule.hours)):
        for region in (region for area in areas for region in area.regions):
            if steps := _builds(job):
                yield _for(job, region.replace("_", " ").upper(), region, steps, region)


def _builds(job: JobPlan) -> tuple[str, ...]:
    return tuple(step for step in job.steps if step.split()[1] in NARROWED)


def _for(job: JobPlan, name: str, tag: str, steps: tuple[str, ...], region: str) -> JobPlan:
    """The job for what carries a tag; its errors happen in the region."""
    schedule = job.schedule
    minute = (schedule.minute + int(60 * chance("minute", job.name, name).random()) // 5 * 5) % 60
    return replace(
        job,
        name=f"{job.name} {name}",
        description=f"{job.description} For {name}.",
        steps=tuple(_narrowed(step, tag) for step in steps),
        schedule=replace(schedule, minute=minute),
        error_models=tuple(f"{model}_{region}" for model in job.error_models),
        threads=max(job.threads, 8) if job.threads > 1 else 1,
        queue=(min(job.queue[0], QUEUE[0]), min(job.queue[1], QUEUE[1])),
        docs=False,
        sources=False,
    )


def _narrowed(step: str, tag: str) -> str:
    """The command for what carries a tag; commands that build nothing, and seeds, stay as they are."""
    words = step.split()
    if words[1] not in NARROWED:
        return step
    if "--select" not in words:
        return " ".join([*words[:2], "--select", f"tag:{tag}", *words[2:]])
    place = words.index("--select") + 1
    while place < len(words) and not words[place].startswith("-"):
        words[place] += f",tag:{tag}"
        place += 1
    return " ".join(words)


def _tag(name: str) -> str:
    return name.lower().replace(" ", "_")
