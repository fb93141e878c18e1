"""Moving pictures: frames in and out, one at a time, with everything around them kept."""
