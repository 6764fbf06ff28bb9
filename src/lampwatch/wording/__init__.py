"""An incident -> a calibrated sentence, in every language, from templates with locked verbs. Pure."""
