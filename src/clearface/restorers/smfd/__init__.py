"""clearface's own network: it names the blur of a face, undoes it, and repairs the rest."""
