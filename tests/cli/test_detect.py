"""`lampwatch detect` and `lampwatch backtest`, as they are typed."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.running import lampwatch, said

HEAD = "entity,source,signal,family,unit,quantity,resolution_s,licence,label,start,value,arrived"
BEGIN = dt.datetime(2022, 1, 3, tzinfo=dt.UTC)
ONSET = BEGIN + dt.timedelta(days=20, hours=12)


def table(
    place: str = "KZ", *, dark_h: int = 30, days: int = 28, signal: str = "ping", family: str = "probing"
) -> str:
    """A series of ours, as CSV: four weeks of hours, and a stretch without anything."""
    random = np.random.default_rng(5)
    lines = [HEAD]
    for hour in range(24 * days):
        at = BEGIN + dt.timedelta(hours=hour)
        gone = ONSET <= at < ONSET + dt.timedelta(hours=dark_h)
        value = 0 if gone else round(1000 * random.normal(1, 0.01))
        arrived = at + dt.timedelta(hours=1)
        lines.append(
            f"{place},test,{signal},{family},/24s,count,3600,,,{at:%Y-%m-%dT%H:%M:%SZ},{value},{arrived:%Y-%m-%dT%H:%M:%SZ}"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kz.csv"
    path.write_text(table(), encoding="utf-8")
    return path


def test_a_blackout_is_told_in_a_sentence(file: Path, tmp_path: Path) -> None:
    assert said("detect", "--series", file, "--format", "lines", "--data", tmp_path / "d") == (
        "Kazakhstan shows signs of having been cut off from the Internet"
        " from about 12:00 UTC on 23 January 2022 to about 18:00 UTC on 24 January 2022.\n"
    )


def test_the_sentence_is_in_the_language_asked_for(file: Path, tmp_path: Path) -> None:
    asked = ("detect", "--series", file, "--language", "de", "--data", tmp_path / "d")
    sentence = (
        "Es gibt Anzeichen dafür, dass das Internet in Kasachstan"
        " vom 23. Januar 2022 gegen 12:00 Uhr UTC bis zum 24. Januar 2022 gegen 18:00 Uhr UTC unterbrochen war."
    )
    assert said(*asked, "--format", "lines") == f"{sentence}\n"
    assert json.loads(said(*asked, "--format", "json"))[0]["headline"] == sentence


def test_two_families_of_signals_make_it_surer(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "bgp.csv"
    other.write_text(table(signal="bgp", family="bgp"), encoding="utf-8")
    (found,) = json.loads(
        said("detect", "--series", file, "--series", other, "--format", "json", "--data", tmp_path / "d")
    )
    assert found["level_name"] == "apparent"
    assert found["onset"]["at"] == "2022-01-23T12:00:00Z"
    assert [part["series"] for part in found["parts"]] == ["KZ:test:bgp", "KZ:test:ping"]


def test_as_of_a_time_only_what_had_arrived_counts(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "d"
    said("series", "import", file, "--data", data)
    asked = ("detect", "--all", "--format", "lines", "--data", data)
    assert said(*asked, "--as-of", "2022-01-23T12:30:00").startswith("No incident.")
    lasting = said(*asked, "--as-of", "2022-01-23T20:00:00")
    assert lasting.endswith(
        "signs of being cut off from the Internet since about 12:00 UTC on 23 January 2022.\n"
    )
    assert "to about 18:00 UTC on 24 January 2022" in said(*asked, "--as-of", "2022-01-25")


def test_all_keeps_revisions_and_only_of_what_changed(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "d"
    said("series", "import", file, "--data", data)
    assert "1 revisions kept" in lampwatch("detect", "--all", "--data", data).stderr
    assert "0 revisions kept" in lampwatch("detect", "--all", "--data", data).stderr
    assert len((data / "incidents.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_an_election_makes_an_order_likelier(file: Path, tmp_path: Path) -> None:
    occasions = tmp_path / "occasions.csv"
    occasions.write_text("country,kind,first,last,name\nKZ,election,2022-01-24,,Majilis\n", encoding="utf-8")
    asked = ("detect", "--series", file, "--format", "json", "--data", tmp_path / "d")
    (without,), (beside,) = json.loads(said(*asked)), json.loads(said(*asked, "--occasions", occasions))
    assert beside["deliberate"] > without["deliberate"]
    assert "election: Majilis" in [reason["text"] for reason in beside["reasons"]]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "name series with --series NAME, or say --all"),
        (("--series", "XX:no:thing"), "XX:no:thing names no series"),
        (("--all", "--occasions", "nowhere.csv"), "nowhere.csv cannot be read"),
        (
            ("--all", "--language", "tlh"),
            "there are no sentences in 'tlh'; name one of the languages en, ar,",
        ),
    ],
)
def test_what_was_typed_wrongly_is_told_in_one_line(
    arguments: tuple[str, ...], line: str, tmp_path: Path
) -> None:
    result = lampwatch("detect", *arguments, "--data", tmp_path / "d")
    assert result.exit_code == 2
    assert line in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_where_nothing_is_there_nothing_is_claimed(tmp_path: Path) -> None:
    quiet = tmp_path / "quiet.csv"
    quiet.write_text(table(dark_h=0), encoding="utf-8")
    assert said("detect", "--series", quiet, "--data", tmp_path / "d") == (
        "No incident. Where nothing was measured, that says nothing.\n"
    )


def test_a_backtest_finds_what_is_labelled(file: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("entity,begin,end\nKZ,2022-01-23T12:00,2022-01-24T18:00\n", encoding="utf-8")
    scored = json.loads(said("backtest", labels, file, "--json", "--data", tmp_path / "d"))
    assert (scored["everything"]["recall"]["hits"], scored["everything"]["recall"]["of"]) == (1, 1)
    assert scored["unlabelled"] == []
    (label,) = scored["labels"]
    assert label["best_coverage"] == 1
    assert label["delay_bins"] <= 2


def test_a_backtest_counts_what_meets_no_label_and_what_is_missed(file: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("entity,begin,end\nKZ,2022-01-15,2022-01-15\n,bad,\n", encoding="utf-8")
    result = lampwatch("backtest", labels, file, "--json", "--data", tmp_path / "d")
    assert "1 row is no label" in result.stderr or "line 3 is no label" in result.stderr
    scored = json.loads(result.stdout)
    assert scored["everything"]["recall"]["hits"] == 0
    assert len(scored["unlabelled"]) == 1


def test_a_backtest_without_its_labels_is_told_in_one_line(file: Path, tmp_path: Path) -> None:
    result = lampwatch("backtest", tmp_path / "none.csv", file)
    assert result.exit_code == 2
    assert "none.csv cannot be read" in result.stderr
