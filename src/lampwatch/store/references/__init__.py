"""Reference data at rest: snapshots that verdicts cite by name, found, loaded, fetched, built and put in force."""
