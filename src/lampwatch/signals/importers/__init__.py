"""One file is one source: its files, its API, or both -> series. Found by being there."""
