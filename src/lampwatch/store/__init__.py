"""What is at rest, and nothing of what it means: the raw archive, and the tables built from it."""
