"""Statement files of any length cut into pieces that a reader takes one after the other."""
