"""Training the networks of the default restorer, stage by stage."""
