"""Sources of connectivity series: what the world outside tells of countries, regions and networks, as values."""
