"""Telegram: do its app servers and its web site work here (README.md)."""
