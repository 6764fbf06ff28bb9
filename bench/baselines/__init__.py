"""What others do, to be compared with: one module each, with the parameters that were published, and where.

Each has NAME, SOURCE, `suits(values, beside)` (whether it is meant for, or can be carried over to, such a series, and
it is long enough) and `detect(values, beside)`, which gives `Found`s. beside holds the
series of other entities from the same source.
"""
