"""The pages that people read: made on the server, whole without any script."""
