"""The web page and the HTTP API; nothing outside imports it but `clearface.cli_serve`."""
