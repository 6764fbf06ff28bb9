"""`python -m lampwatch` is the same as `lampwatch`."""

from lampwatch.cli import main

main()
