"""`python -m clearface` is the command line."""

from clearface.cli import main

main()
