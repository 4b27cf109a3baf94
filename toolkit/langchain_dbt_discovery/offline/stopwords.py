"""Words that name nothing: what is left of a question beside them is a name, or not understood."""

from __future__ import annotations

__all__ = ["STOPWORDS", "TOPIC_WORDS"]

_GRAMMAR = """
a about across actually after again ago all also am an and any anything are as ask at away be because been
before being below best both but by bye came can cannot come could currently did do does doing done down during
each either else every everything exactly except excluding exist exists far few find first for from get gets
getting give given go goes going gone got had has have having hello help her here hi him his how i if in
including inside instead into is it its just keep kind know let like list look looked looking looks lot lots made
make many may maybe me mean might mine more most much must my name named names need no none not nothing now
number of off ok okay on once one ones only onto or order ordered other our out over own part per please put
quite rather really same say says see seem seems seen shall she should show shown shows since so some somebody
something sort sorted still such tell than thank thanks that the their them then there these they thing things
this those though through time times to today together too try two under until up us use used using very want
wants was we well went were what when where whether which while who whole whose why will with within without
would yes yet you your yesterday called detail general particular fact id ids display overview info information
details summary report question answer right far alphabetical alphabetically newest oldest recent recently
latest last moment next present previous current existing different various send pls plz vs versus
"""
_TOPICS = """
account alright analytics average averages avg bad blocked bottleneck bottlenecks break breaking breaks broke broken
build builds building built cancel cancelled canceled compare complete completed count crash crashed dag dags day days
dbt duration durations environment environments error errored erroring errors everyone execute executed execution
executions expensive fail failed failing fails failure failures fast finish fine finished finishing green happen
happened happening happens healthy heavier heaviest heavy hour hours incremental incrementals invocation invocations
issue issues job jobs lately load loads long longer longest max maximum mean measure median min minute minutes minimum
model models month months morning night node nodes normal ok older overnight overall p95 pass passed peak percentile
performance performing period pipeline pipelines prod problem problems production project projects ran rank ranked
ranking red refresh refreshed result results return returned run running runs runtime runtimes second seconds single
slow slower slowest slowly spend spending spent staging start started status statuses succeed succeeded success
successful successfully table tables tag taged tagged tags take taken takes taking test tests top took total unhealthy
unsuccessful view views week weekend weeks workflow workflows worst wrong year materialised materialized
materialization materialized type typed kind
affect affected affects anomalies anomaly became become becomes becoming change changed changes children code collide
collision collisions columns compared comparison contact coverage critical dashboard dashboards data decrease
decreased decreasing depend dependencies depends describe description details develop developed development direct
directly documentation downs downstream faster feed feeds flaky fresh freshness gotten health history impact improved
increase increased increasing lineage lose loses missing newly often outdated outlier outliers overlap overscheduled
owner owners owns parents path queue queued queues quick quicker rate rates recover recovery regressed regression
regressions reliability reliable responsible retry schedule scheduled schedules score slot slots slowdown slowdowns
source sources speed spike spikes sql stable stale steps sudden suddenly tested trend trends unstable untested unusual
unusually upstream usual wait waited waiting waits
"""

TOPIC_WORDS = frozenset(_TOPICS.split())
"""Those that say what a question is about."""

STOPWORDS = TOPIC_WORDS | frozenset(_GRAMMAR.split())
