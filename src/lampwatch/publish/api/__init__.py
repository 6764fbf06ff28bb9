"""The routes that programs ask: OONI's under /api/v1, our own under /api/v2."""
