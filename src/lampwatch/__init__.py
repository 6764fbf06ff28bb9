"""Lampwatch: what is blocked or switched off on the Internet, where, how, since when, and on what evidence."""
