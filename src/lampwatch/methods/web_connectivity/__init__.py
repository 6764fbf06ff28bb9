"""Web Connectivity: is a web site reachable here, layer by layer, against a control (README.md)."""
