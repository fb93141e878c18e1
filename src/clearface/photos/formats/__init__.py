"""One file a kind: `read_*` turns bytes into a Photo, `write_*` turns a Photo that fits the kind into bytes."""
