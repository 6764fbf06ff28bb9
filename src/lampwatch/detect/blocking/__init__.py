"""Votes by target, network and hour -> blocks -> blocking incidents."""
