"""The web page and the HTTP API; outside, only `clearface.cli_serve` starts them, and `clearface.client` shares their words."""
