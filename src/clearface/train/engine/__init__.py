"""What training any network needs: the loop, checkpoints, averaging, schedules, logs, recipes."""
