"""Ninety simulated days of two hundred countries with planted blocks, and what detection makes of them."""
