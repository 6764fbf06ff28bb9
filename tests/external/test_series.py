"""The shared folder's real series, file by file."""

from pathlib import Path

import numpy as np
import pytest

from lampwatch.cli.series_files import ReadFile, files_in, read_file
from lampwatch.model.series import Values
from lampwatch.signals.importing import Options, UnrecognisedError

WORDS = {"PROVENANCE.txt", "README.md", "dates.csv"}


@pytest.fixture(scope="module")
def read(shared_data: Path) -> dict[str, ReadFile]:
    """What each file brings, by its name."""
    folder = shared_data / "series"
    if not folder.is_dir():
        pytest.skip(f"no series at {folder}")
    found = {}
    for file in files_in(folder):
        try:
            found[file.name] = read_file(file, Options())
        except UnrecognisedError:
            assert file.name in WORDS
    return found


def one(read: dict[str, ReadFile], file: str, name: str) -> Values:
    if file not in read:
        pytest.skip(f"{file} is not among the shared series")
    (values,) = [values for values in read[file].series if values.series.id == name]
    return values


def at(values: Values, time: str) -> float:
    start = int(np.datetime64(time, "s").astype(np.int64))
    return float(values.values[np.searchsorted(values.starts, start)])


def test_every_file_is_read_by_one_importer_and_no_row_is_lost(read: dict[str, ReadFile]) -> None:
    assert read
    left_out = {name: file.malformed for name, file in read.items() if file.malformed}
    assert set(left_out) <= {"direct-users.csv"}


def test_tor_s_users_of_2009_to_2011(read: dict[str, ReadFile]) -> None:
    values = one(read, "direct-users.csv", "DE:tor:relay-users")
    assert at(values, "2011-01-17") == 24153
    assert len(read["direct-users.csv"].series) == 231
    assert sum(len(values) for values in read["direct-users.csv"].series) == 231 * 489


def test_tor_s_users_of_2021_to_2023(read: dict[str, ReadFile]) -> None:
    assert at(one(read, "tor-data-cn.csv", "CN:tor:relay-users"), "2021-01-11") == 4738


def test_ooni_s_and_censored_planet_s_shares(read: dict[str, ReadFile]) -> None:
    assert at(one(read, "ooni-data-cn.csv", "CN:ooni:interference"), "2023-03-31") == pytest.approx(
        3122 / 7348
    )
    http = one(read, "http-data-cn.csv", "CN:censored-planet:http-interference")
    assert at(http, "2021-01-03") == pytest.approx(0.04522357723577236)
    assert len(one(read, "gfwatch-data-cn.csv", "CN:gfwatch:censored-domains")) == 818


def test_venezuela_s_power_cut_is_on_local_time(read: dict[str, ReadFile]) -> None:
    values = one(read, "ven-2019-07-22_gif.csv", "VE:monash:connectivity")
    # The power went at 16:41 on the 22nd in Caracas, which is 20:41 in UTC; the index is smoothed over hours.
    assert at(values, "2019-07-22T17:00") > 90
    assert at(values, "2019-07-22T23:00") < 30
    assert len(read["ven-2019-07-22_gif.csv"].series) == 14


def test_the_hurricane_is_seen_by_county_and_by_state(read: dict[str, ReadFile]) -> None:
    file = "usa-2020-08-31_HurrLaura.csv.gz"
    county = one(read, file, "US-LA/Calcasieu:monash:connectivity")
    # It came ashore at Cameron at 06:00 UTC on the 27th; Lake Charles lies in Calcasieu.
    assert at(county, "2020-08-26T12:00") >= 80
    assert at(county, "2020-08-27T12:00") <= 50
    regions = {
        values.series.entity.code for values in read[file].series if "/" not in values.series.entity.code
    }
    assert regions == {"US-AR", "US-LA", "US-MS", "US-TX"}


def test_bago_s_nights_are_zeros(read: dict[str, ReadFile]) -> None:
    values = one(read, "mmr-2021-04-09_Bago.csv.gz", "MM-02:monash:answers")
    assert (np.diff(values.starts) == 3600).all()
    # From the night of 15 February to the end of April it was switched off from 01:00 to 09:00 local time, which is
    # 18:30 to 02:30 in UTC; now and then it came back earlier.
    curfew = (values.starts >= 1613433600) & (values.starts < 1619481600)
    hours = (values.starts // 3600) % 24
    nights, days = curfew & np.isin(hours, [19, 20, 21, 22]), curfew & np.isin(hours, [5, 6, 7, 8])
    assert (values.values[nights] == 0).mean() > 0.97
    assert (values.values[days] > 0).mean() > 0.97
