"""How clearface ends, for the shell that called it; 0 where all is done."""

FAILED = 1
"""Something could not be done; the rest was."""

WRONG_USAGE = 2
"""The call itself is wrong: nothing was done."""

INTERRUPTED = 130
"""Ctrl-C, as shells have it."""
