"""Facebook Messenger: do its names and servers work here (README.md)."""
