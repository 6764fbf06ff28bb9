"""The network kit. A step returns a value or a `Failed`, and each is recorded with its timing."""
