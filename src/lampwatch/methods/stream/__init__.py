"""Stream: does a live stream (HLS, DASH, ICY) load here, and does its time go on (README.md)."""
