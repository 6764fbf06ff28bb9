"""Where raw measurements come from: files, folders, archives, standard input, S3 and the web."""
