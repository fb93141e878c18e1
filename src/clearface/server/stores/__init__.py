"""Where uploads and results lie."""
