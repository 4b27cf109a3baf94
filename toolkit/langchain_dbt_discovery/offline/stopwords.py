"""Words that name nothing: what is left of a question beside them is a name, or not understood."""

from __future__ import annotations

__all__ = ["COMMON", "STOPWORDS", "TOPIC_WORDS"]

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
would yes yet you your hey biggest largest difference differences highest lowest ahead sooner earlier wise rest mostly
usually typically timeout timeouts timed loaded touch changing chain state shape plot chart graph checks growing kinds
ages aside ordinary starting processing elapsed
ate eat eats eating hog hogs drag drags dragging among amongst sit sits sitting hold holds held between commit commits
message messages clash clashes conflict conflicts budget budgets limit limits goal goals target targets threshold sla
miss missed misses exceed exceeds exceeded language bytes processed need needs needed burn burns burned burnt consume
consumes consumed sluggish lengthy lengthiest crawl crawls crawling minutes stuck slide morning please kindly simply
somehow maybe perhaps roughly approximately about anybody someone anyone guys team folks thing stuff lot bit side
behind triggered percentage check gimme idea click clicks act ai thx unreliable differ differs differing queueing
biggest bigger smaller smallest everywhere nowhere somewhere meanwhile besides indeed honestly basically essentially
stay stays stayed curious wondering wonder remind quickly ever never always often sometimes rarely
yesterday called detail general particular fact id ids display overview info information
details summary report question answer right far alphabetical alphabetically newest oldest recent recently
latest last least moment next present previous current existing different various send pls plz vs versus
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

_COMMON = """
accordingly actual add advance admin agree aim amount angry annoying anyhow anyway apparently appear appears apply
appreciate approximately area aren argue attention attempt attempts aware awful awfully barely bear beat begin begins
begun behave behaves behaving behind believe better beyond big blew blow blowing blown board boil boring boss bother
bothers brief briefly bring brings business busy button buy call calls care careful case cases catch cause caused
causes causing ceo cfo cto check checking choose clean clear clearly client clients close colleague colleagues coming
completely concern concerned concerning concerns consider considerably contain contains correct crazy cut damn deal
decent decide deep deeper definitely delay delayed delays deliver demand desk detect detected differ differently
difficult discover doubt dozens draw dreadful drop dropped dropping drops due dull eager easily easy effect effort
eight eleven else email enable end ended ending ends enough enormous entire entirely essential evaluate even event
eventually evident examine exact excellent excess excuse expect explain explains extra extremely eye face fairly
false fancy favour fed feel feels fetch fewer fight figure figures final finally fix fixed fixing focus folks follow
followed following forget form former forward four freak frequent frequently friend frustrating full fully funny
further future gather gave gentle genuinely giant gladly glance goal goals guess habit half hand handle hang hanging
hangs happy hard hardly hate hear heard heck hell hence hint hold holding honest hope hopefully huge hurry idea ideal
identify immediately important incident incidents indeed individual inspect instance instances insight insights
intend interest interested interesting investigate involve join keen keeping keeps knew knowledge lack large larger
laggard later latter lead leaders learn least leave leaving left lend less level life likely line lines little live
load local lose lost loud love low lower lucky mad main mainly major manage manager matter matters meanwhile meet
meeting meetings mention mess messed messy method mind minor miss moderate modify moment monitor monitoring move moved
moving must narrow nasty naturally near nearly necessary needed needing neither never nice noisy nobody nonetheless
note notice noticeable noticeably noticed nowhere numerous obvious obviously occur occurred occurs odd offend offender
offenders offending ongoing open operate opinion option otherwise pain painful painfully parameter particularly past
patience pattern patterns pay people perfectly perform perhaps person pick picture place plain plainly planning
play please pleased plenty plus point points poor poorly popular possible possibly post potential precise precisely
prefer prepare preparing presentation pretty previously print prior private probably proceed produce proper properly
prove provide provided public pull push purpose puts quarterly quiet reach ready realise realize reason reasonable
reasonably reasons recall regard regarding regards regress regresses regressing related relation relative relevant
remain remains remarkable remember remind remove repeat repeatedly reply require required resource resources respect
respective respectively retro retrospective review reviewing rid roughly round routine ruin safe sake satisfied save
scan screen search section seriously serve seven severe severely share short shortly shout sick side sight sign signal
significant significantly silly similar simple simply sit sits six size slight slightly small smaller smooth smoothly
solid solve someone sometime sometimes somewhat somewhere soon sorry sort speaking specific specifically stack stand
standing stands standup starve state statement stats stay staying stays step stick stood strange strangely strong
struggle struggles struggling stuck stuff stupid style subject substantially suck sucks suffer suffered suffering
suffers suggest suppose supposed sure surely surface surprise surprised surprising suspect system talk talking target
team tell tells terrible terribly terrific thanking theirs therefore thin thinking third thought thousand threshold
throughout thrown thus tight till tiny tired together tomorrow tonight touch tough toward towards track tracking
trigger triggered trivial trouble troubled troublesome troubling true truly trying turn turned twice two twist typical
ugly uncommon understand unfortunately unit unless unlike unlikely unreasonable unreasonably update updates upset
urgent urgently usable useful useless user users usual utterly valid valuable value various vast version via visible
volume wake walk warn wary waste wasted wasting watch wave ways weak weird weirdly welcome whatever whatsoever
whenever wherever whichever whoever wide wild willing wish wonder wondering word words worried worries worry worrying
worse worth write yell yep yeah yesterday
"""

COMMON = frozenset(_COMMON.split())
"""Common words that no rule needs: alone they are no name, even if a name has them as a part of it."""

TOPIC_WORDS = frozenset(_TOPICS.split())
"""Those that say what a question is about."""

STOPWORDS = TOPIC_WORDS | frozenset(_GRAMMAR.split())
