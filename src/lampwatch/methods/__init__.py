"""One folder is one way of measuring: README.md, extract.py, rules.py. Methods know nothing of each other."""
