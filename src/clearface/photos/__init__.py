"""Photos in and out: every kind people have, with orientation, alpha, depth, colour profile, timing and metadata kept."""
