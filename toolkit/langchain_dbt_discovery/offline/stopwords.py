"""Words that name nothing: what is left of a question beside them is a name, or not understood."""

from __future__ import annotations

__all__ = ["COMMON", "STOPWORDS", "TOPIC_WORDS"]

_GRAMMAR = """
a about across act actually added adds after again ages ago ahead ai all alphabetical alphabetically also always am
among amongst an and answer any anybody anyone anything approximately are as aside ask at ate away basically be
because been before behind being below besides best between bigger biggest bit both budget budgets burn burned burns
burnt but by bye bytes called came can cannot chain changing chart check checks clash clashes click clicks come commit
commits conflict conflicts consume consumed consumes could crawl crawling crawls curious current currently detail
details did differ difference differences different differing differs display do does doing done down drag dragging
drags during each earlier eat eating eats either elapsed else essentially ever every everything everywhere exactly
exceed exceeded exceeds except excluding exist existing exists fact far few find first folks for from general get gets
getting gimme give given go goal goals goes going gone got graph growing guys had has have having held hello help her
here hey hi highest him his hog hogs hold holds honestly how i id idea ids if in including indeed info information
inside instead into is it its just keep kind kindly kinds know language largest last latest least lengthiest lengthy
let like limit limits list loaded look looked looking looks lot lots lowest made make many may maybe me mean meanwhile
message messages might mine minutes miss missed misses moment more morning most mostly much must my name named names
need needed needs never newest next no none not nothing now nowhere number of off often ok okay oldest on once one
ones only onto optimise optimised optimize optimized or order ordered ordinary other our out over overview own part
particular per percentage perhaps please plot pls plz present previous processed processing put question queueing
quickly quite rarely rather really recent recently remind report rest right roughly same say says see seem seems seen
send shall shape she should show shown shows side simply since sit sits sitting sla slide sluggish smaller smallest so
some somebody somehow someone something sometimes somewhere sooner sort sorted starting state stay stayed stays still
stuck stuff such summary target targets team tell than thank thanks that the their them then there these they thing
things this those though threshold through thx time timed timeout timeouts times to today together too touch triggered
try two typically under unreliable until up us use used using usually various versus very vs want wants was we well
went were what when where whether which while who whole whose why will wise with within without wonder wondering would
yes yesterday yet you your
"""
_TOPICS = """
account affect affected affects alright analytics anomalies anomaly average averaged averages avg bad became become
becomes becoming blocked bottleneck bottlenecks break breaking breaks broke broken build building builds built cancel
canceled cancelled change changed changes children code collide collision collisions columns compare compared comparison
complete completed contact count coverage crash crashed critical dag dags dashboard dashboards data day days dbt
decrease decreased decreasing depend dependencies depends describe description details develop developed development
direct directly documentation downs downstream duration durations environment environments error errored erroring
errors everyone execute executed execution executions expensive fail failed failing fails failure failures fast faster
feed feeds fine finish finished finishing flaky fresh freshness gotten green happen happened happening happens health
healthy heavier heaviest heavy history hour hours impact improved increase increased increasing incremental
incrementals invocation invocations issue issues job jobs kind lately lineage load loads long longer longest lose
loses materialised materialization materialized max maximum mean measure median min minimum minute minutes missing
model models month months morning newly night node nodes normal often ok older outdated outlier outliers overall
overlap overnight overscheduled owner owners owns p95 parents pass passed path peak percentile performance performing
period pipeline pipelines problem problems prod production project projects queue queued queues quick quicker ran rank
ranked ranking rate rates recover recovery red refresh refreshed regressed regression regressions reliability reliable
responsible result results retry return returned run running runs runtime runtimes schedule scheduled schedules score
second seconds single slot slots slow slowdown slowdowns slower slowest slowly source sources speed spend spending
spent spike spikes sql stable staging stale start started status statuses steps succeed succeeded success successful
successfully sudden suddenly table tables tag taged tagged tags take taken takes taking test tested tests took top
total trend trends type typed unhealthy unstable unsuccessful untested unusual unusually upstream usual view views
wait waited waiting waits week weekend weeks workflow workflows worst wrong year
"""

_COMMON = """
accordingly actual add admin advance agree aim amount angry annoying anyhow anyway apparently appear appears apply
appreciate area aren argue attempt attempts attention aware awful awfully barely bear beat begin begins begun behave
behaves behaving believe better beyond big blew blow blowing blown board boil boring boss bother bothers brief briefly
bring brings business busy button buy call calls care careful carries carry carrying case cases catch cause caused
causes causing ceo cfo checking choose clean clear clearly client clients close colleague colleagues coming completely
concern concerned concerning concerns consider considerably contain contains correct crazy cto cut damn deal decent
decide deep deeper definitely delay delayed delays deliver demand desk detect detected differently difficult discover
doubt dozens draw dreadful drop dropped dropping drops due dull eager easily easy effect effort eight eleven email
enable end ended ending ends enormous enough entire entirely enumerate essential evaluate even event eventually
evident exact examine excellent excess excuse expect explain explains extra extremely eye face fairly false fancy
favour fed feel feels fetch fewer fight figure figures final finally fix fixed fixing focus follow followed following
forget form former forward four freak frequent frequently friend frustrating full fully funny further future gather
gave gentle genuinely giant gladly glance guess habit half hand handle hang hanging hangs happy hard hardly hate hear
heard heck hell hence hint holding honest hope hopefully huge hurry ideal identify immediately important incident
incidents individual insight insights inspect instance instances intend interest interested interesting investigate
involve itemize join keen keeping keeps knew knowledge lack laggard large larger later latter lead leaders learn leave
leaving left lend less level life likely line lines little live local lost loud love low lower lucky mad main mainly
major manage manager matter matters meet meeting meetings mention mess messed messy method mind minor moderate modify
monitor monitoring move moved moving narrow nasty naturally near nearly necessary needing neither nice nobody noisy
nonetheless note notice noticeable noticeably noticed numbers numerous obvious obviously occur occurred occurs odd
offend offender offenders offending ongoing open operate opinion option otherwise pain painful painfully parameter
particularly past patience pattern patterns pay people perfectly perform person pick picture place plain plainly
planned planning play pleased plenty plus point points poor poorly popular possible possibly post potential precise
precisely predecessor prefer prepare preparing presentation pretty previously print prior private probably proceed
produce proper properly prove provide provided public pull purpose push puts quarterly quiet reach ready realise
realize reason reasonable reasonably reasons recall regard regarding regards regress regresses regressing related
relation relative relevant remain remains remarkable remember remove repeat repeatedly reply require required resource
resources respect respective respectively retro retrospective review reviewing rid round routine ruin safe sake
satisfied save scan screen search section seriously serve seven severe severely share short shortly shout sick sight
sign signal significant significantly silly similar simple six size slight slightly small smooth smoothly solid solve
sometime somewhat soon sorry speaking specific specifically sprint stack stand standing stands standup starve
statement stats staying step stick stood strange strangely strong struggle struggles struggling stupid style subject
substantially suck sucks suffer suffered suffering suffers suggest summarise summarize suppose supposed sure surely
surface surprise surprised surprising suspect system talk talking tells terrible terribly terrific thanking theirs
therefore thin thinking third thought thousand throughout thrown thus tight till tiny tired tomorrow tonight tough
toward towards track tracking trigger trivial trouble troubled troublesome troubling true truly trying turn turned
twice twist typical ugly uncommon understand unfortunately unit unless unlike unlikely unreasonable unreasonably
update updates upset urgent urgently usable useful useless user users utterly valid valuable value vast version via
platform toes knowing asks asked asking hm hmm hmmm um uhm erm ehm uh
visible visualize volume wake walk warn wary waste wasted wasting watch wave ways weak weird weirdly welcome whatever
whatsoever whenever wherever whichever whoever wide wild willing wish word words worried worries worry worrying worse
worth write yeah yell yep
"""

COMMON = frozenset(_COMMON.split())
"""Common words that no rule needs: alone they are no name, even if a name has them as a part of it."""

TOPIC_WORDS = frozenset(_TOPICS.split())
"""Those that say what a question is about."""

STOPWORDS = TOPIC_WORDS | frozenset(_GRAMMAR.split())
