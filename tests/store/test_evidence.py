"""What detection looks at, of the same verdicts on every engine: kept up to date, counted at once, and on Spark.

All verdicts are of one small world, and each engine is asked a question once, since Spark takes a second for each.
"""

import datetime as dt
import os
import pickle
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession

from bench.blocking.verdicts import batches as verdict_batches
from bench.blocking.world import World
from lampwatch.detect.blocking.findings import Findings, blocked_voters_of, findings
from lampwatch.detect.blocking.incidents import incidents, joined
from lampwatch.detect.blocking.measured import Measured
from lampwatch.formats.tables_schema import TEXT, TIME, VERDICT
from lampwatch.formats.vote_tables import MOST_VOTERS, Evidence
from lampwatch.formats.voters import voter_of
from lampwatch.model.vocabulary import State
from lampwatch.store import spark as on_spark
from lampwatch.store.query import ALWAYS, Window
from lampwatch.store.segment import Locator
from tests.store.samples import NOON, measurement, store_at, uid_of, verdict
from tests.store.voting import HOUR, MINUTE, Given, all_told, found, judged, told

# Python's side of Spark leaves its sockets to be closed when they are forgotten.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

Told = dict[str, list[dict[str, Any]]]
Asked = Callable[["Question"], Told]

ODD = 'it\'s \\ {odd} "one";\n--.test'
MANY = 70
SESSIONS = [f"session {number}" for number in range(MANY)]


class Question(msgspec.Struct, frozen=True):
    window: Window = ALWAYS
    countries: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None


EVERYTHING = Question()
LATER = Question(Window(since=NOON + 30 * MINUTE, until=NOON + 14 * HOUR))
OF_GERMANY = Question(countries=("DE", "ZZ"))
OF_ONE_TARGET = Question(targets=(ODD,))

HOURS_OF_KAZAKHSTAN = [
    found(1, session="two", after=59 * MINUTE),
    found(0, session="one"),
    found(2, session="one", after=30 * MINUTE),
    found(3, State.BLOCKED, after=HOUR),
    found(4, State.DOWN, after=12 * HOUR),
    found(5, asn=21299),
    found(6, target="quiet.test", after=12 * HOUR),
]
HOURS_OF_GERMANY = [
    found(10, country="DE", asn=3320),
    found(11, State.UNKNOWN, country="DE", asn=3320),
    found(12, State.BLOCKED, ODD, country="DE", asn=3320),
]
MANY_SESSIONS = [
    found(100 + n, State.BLOCKED, "busy.test", country="BR", session=session)
    for n, session in enumerate(SESSIONS)
]
# Which state most verdicts of an hour have: each target of this network is one case.
STATES_OF_TARGETS = {
    "even.test": [State.OK, State.BLOCKED],
    "lost.test": [State.UNKNOWN, State.UNKNOWN, State.BLOCKED],
    "half.test": [State.DOWN, State.OK],
    "fine.test": [State.OK, State.OK, State.DOWN],
}
UNEVEN = [
    found(200 + 10 * place + n, state, target, country="MM", asn=9988)
    for place, (target, states) in enumerate(STATES_OF_TARGETS.items())
    for n, state in enumerate(states)
]
BARE = measurement(300, start=NOON + HOUR, country="MM", asn=0)
UNTOLD = [
    (
        msgspec.structs.replace(BARE, software_name="", software_version="", report_id=""),
        [verdict("bare.test", State.BLOCKED)],
    )
]
WORLD: list[Given] = [*HOURS_OF_KAZAKHSTAN, *HOURS_OF_GERMANY, *MANY_SESSIONS, *UNEVEN, *UNTOLD]
LATE_RULES: list[Given] = [found(7, after=HOUR)]


def commits() -> Iterator[Mapping[str, pa.RecordBatch]]:
    yield judged(*WORLD[::2])
    yield judged(*WORLD[1::2])
    yield judged(*LATE_RULES, rules="r2")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java, which Spark runs on: apt-get install default-jre-headless")
    # For rows as few as these, planning and compiling are all the work there is.
    session = on_spark.open_session(
        "local[2]",
        {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
            "spark.local.dir": str(tmp_path_factory.mktemp("spark")),
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.shuffle.partitions": "2",
            "spark.ui.enabled": "false",
        },
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def of_duckdb(directory: Path, question: Question, *, refreshing: bool) -> Evidence:
    with store_at(directory) as store:
        for frame, tables in enumerate(commits()):
            store.commit(tables, Locator("s", frame, 1))
            if refreshing:
                store.refresh_votes()
        return store.evidence(question.window, question.countries, question.targets)


@pytest.fixture(scope="module")
def on_cluster(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    """The votes of the same verdicts, from a folder of Parquet files."""
    folder = tmp_path_factory.mktemp("verdicts")
    for number, tables in enumerate(commits()):
        pq.write_table(pa.Table.from_batches([tables["verdict"]]), folder / f"{number}.parquet")
    return on_spark.votes(on_spark.verdicts_in(spark, folder)).persist()


@pytest.fixture(scope="module", params=["one after the other", "at once", "spark"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """What one engine answers, each question asked once."""
    if request.param == "spark":
        vote: DataFrame = request.getfixturevalue("on_cluster")

        def answer(question: Question) -> Evidence:
            tables = on_spark.evidence(vote, question.window, question.countries, question.targets)
            return on_spark.collected(tables)

    else:
        refreshing = request.param == "one after the other"

        def answer(question: Question) -> Evidence:
            return of_duckdb(tmp_path_factory.mktemp("store"), question, refreshing=refreshing)

    return cache(lambda question: all_told(answer(question)))


def of(rows: list[dict[str, Any]], *columns: str, **equal: object) -> list[tuple[Any, ...]]:
    """Some columns of the rows in which others have these values, in order."""
    chosen = [row for row in rows if all(row[name] == value for name, value in equal.items())]
    return sorted(tuple(row[column] for column in columns) for row in chosen)


def test_verdicts_that_are_alike_within_an_hour_are_one_vote(asked: Asked) -> None:
    (vote,) = [
        row
        for row in asked(EVERYTHING)["histories"]
        if (row["target"], row["probe_asn"], row["hour"]) == ("a.test", 9198, NOON)
    ]
    assert vote == {
        "probe_cc": "KZ",
        "target": "a.test",
        "method": "web_connectivity",
        "probe_asn": 9198,
        "hour": NOON,
        "state": "ok",
        "mechanism": "",
        "rule_id": "web.ok",
        "fingerprint": "",
        "evidence": "none",
        "control": "worked",
        "software": "ooniprobe 3.8.0",
        "rules_version": "r1",
        "verdicts": 3,
        "voters": sorted([voter_of("one"), voter_of("two")]),
        "first": NOON,
        "last": NOON + 59 * MINUTE,
        "witness": uid_of(0),
    }


def test_verdicts_by_other_rules_are_other_votes(asked: Asked) -> None:
    votes = of(asked(EVERYTHING)["histories"], "state", "rules_version", hour=NOON + HOUR, probe_cc="KZ")
    assert votes == [("blocked", "r1"), ("ok", "r2")]


def test_histories_without_a_blocked_verdict_are_left_out(asked: Asked) -> None:
    histories = asked(EVERYTHING)["histories"]
    assert set(of(histories, "target", "probe_asn", probe_cc="KZ")) == {("a.test", 9198)}
    assert set(of(histories, "target", probe_cc="DE")) == {(ODD,)}


def test_the_smallest_numbers_of_many_voters_are_kept(asked: Asked) -> None:
    ((verdicts, voters),) = of(asked(EVERYTHING)["histories"], "verdicts", "voters", probe_cc="BR")
    assert verdicts == MANY
    assert voters == sorted(map(voter_of, SESSIONS))[:MOST_VOTERS]


def test_what_is_not_known_is_empty(asked: Asked) -> None:
    votes = of(asked(EVERYTHING)["histories"], "software", "probe_asn", "voters", target="bare.test")
    assert votes == [("", 0, [voter_of(BARE.uid)])]


def test_coverage_counts_the_verdicts_on_a_troubled_target_wherever_it_was_measured(asked: Asked) -> None:
    coverage = asked(EVERYTHING)["coverage"]
    columns = ("probe_cc", "probe_asn", "day", "ok", "down", "blocked", "unknown")
    assert of(coverage, *columns, target="a.test") == [
        ("DE", 3320, "2022-01-05", 1, 0, 0, 1),
        ("KZ", 9198, "2022-01-05", 4, 0, 1, 0),
        ("KZ", 9198, "2022-01-06", 0, 1, 0, 0),
        ("KZ", 21299, "2022-01-05", 1, 0, 0, 0),
    ]
    assert of(coverage, "target", target="quiet.test") == []


def test_coverage_tells_one_voter_from_several(asked: Asked) -> None:
    coverage = asked(EVERYTHING)["coverage"]
    columns = ("probe_asn", "day", "least_voter", "greatest_voter")
    several = {row[:2]: row[2] < row[3] for row in of(coverage, *columns, target="a.test", probe_cc="KZ")}
    assert several == {(9198, "2022-01-05"): True, (9198, "2022-01-06"): False, (21299, "2022-01-05"): False}
    assert of(coverage, *columns, target="a.test", probe_asn=9198, day="2022-01-06")[0][2:] == (0, 0)


def test_presence_tells_how_long_and_how_broadly_a_network_was_measured(asked: Asked) -> None:
    presence = asked(EVERYTHING)["presence"]
    columns = ("probe_asn", "first_day", "last_day", "days", "targets", "verdicts")
    assert of(presence, *columns, probe_cc="KZ") == [
        (9198, "2022-01-05", "2022-01-06", 2, 2, 7),
        (21299, "2022-01-05", "2022-01-05", 1, 1, 1),
    ]


def test_a_window_holds_the_hours_that_begin_in_it(asked: Asked) -> None:
    later = asked(LATER)
    hours = [(NOON + HOUR,), (NOON + HOUR,), (NOON + 12 * HOUR,)]
    assert of(later["histories"], "hour", probe_cc="KZ") == hours
    assert of(later["histories"], "hour", probe_cc="DE") == []
    assert of(later["presence"], "verdicts", probe_cc="KZ") == [(4,)]


def test_what_is_asked_of_a_country_is_covered_by_all(asked: Asked) -> None:
    found_there = asked(OF_GERMANY)
    assert of(found_there["histories"], "target") == [(ODD,)]
    assert set(of(found_there["coverage"], "target")) == {(ODD,)}
    assert of(found_there["presence"], "probe_cc", "verdicts") == [("DE", 3)]


def test_asked_of_a_target_the_networks_stay_what_they_are(asked: Asked) -> None:
    about = asked(OF_ONE_TARGET)
    assert of(about["histories"], "target") == of(about["coverage"], "target") == [(ODD,)]
    assert about["presence"] == asked(EVERYTHING)["presence"]


@pytest.mark.parametrize("question", [EVERYTHING, LATER, OF_GERMANY, OF_ONE_TARGET])
def test_every_engine_gives_the_same_to_the_bit(asked: Asked, question: Question, tmp_path: Path) -> None:
    assert asked(question) == all_told(of_duckdb(tmp_path, question, refreshing=False))


def test_spark_runs_a_function_for_each_country_on_what_duckdb_gives_of_it(
    on_cluster: DataFrame, tmp_path: Path
) -> None:
    schema = pa.schema([pa.field("country", TEXT), pa.field("when", TIME), pa.field("evidence", TEXT)])
    now = dt.datetime(2022, 1, 7)  # noqa: DTZ001  times at rest are UTC without a zone

    # Nested, so that it is sent to the workers whole: they cannot import a test.
    def find(country: str, evidence: Evidence) -> pa.Table:
        rows = {name: sorted(map(repr, table.to_pylist())) for name, table in evidence._asdict().items()}
        return pa.table({"evidence": [repr(rows)], "country": [country], "when": [now]})

    results = on_spark.by_country(on_cluster, find, schema).toArrow().cast(schema)
    with store_at(tmp_path) as store:
        for frame, tables in enumerate(commits()):
            store.commit(tables, Locator("s", frame, 1))
        expected = [
            find(country, store.evidence(countries=[country])) for country in ("BR", "DE", "KZ", "MM")
        ]
    assert (
        results.sort_by("country").to_pylist()
        == pa.concat_tables([table.select(schema.names).cast(schema) for table in expected]).to_pylist()
    )


def test_detection_country_by_country_on_spark_finds_what_it_finds_here(
    spark: SparkSession, tmp_path: Path
) -> None:
    world = [
        tables
        for country in World(countries=3, days=30).simulated()
        for tables in verdict_batches(country.rows)
    ]
    schema = pa.schema([("country", TEXT), ("found", pa.binary())])

    def find(country: str, evidence: Evidence) -> pa.Table:
        return pa.table({"country": [country], "found": [pickle.dumps(findings([evidence.histories], ()))]})

    with store_at(tmp_path) as store:
        for tables in world:
            store.commit(tables, None)
        here = store.evidence()
    verdicts = pa.concat_tables([tables["verdict"] for tables in world]).select(VERDICT.names)
    vote = on_spark.votes(on_spark.verdicts_of(spark, verdicts)).persist()
    found: Findings = {}
    for row in on_spark.by_country(vote, find, schema).toArrow().to_pylist():
        found |= pickle.loads(row["found"])  # noqa: S301  by the function above
    assert found == findings([here.histories], ())
    around = on_spark.collected(on_spark.evidence(vote))
    joined_there = joined(found, Measured(around.coverage, around.presence, blocked_voters_of(found)))
    assert joined_there == incidents(here)
    assert sum(not one.insufficient for one in joined_there) > 2


def test_spark_reads_verdicts_from_memory_as_from_files(spark: SparkSession) -> None:
    rows = pa.concat_tables([pa.Table.from_batches([tables["verdict"]]) for tables in commits()])
    assert told(on_spark.verdicts_of(spark, rows).toArrow().cast(VERDICT)) == told(rows)
