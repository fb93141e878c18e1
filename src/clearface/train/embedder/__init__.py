"""Training the embedder that ships with clearface, by what another embedder says of sharp faces."""
