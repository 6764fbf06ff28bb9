"""The collector's door: measurements that probes submit over HTTP, by OONI's four steps or by batches of our own."""
