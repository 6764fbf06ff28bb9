"""What was found against what is known: labels, recall, delay and coverage, with intervals."""
