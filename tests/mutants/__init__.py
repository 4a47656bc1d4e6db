"""One character of a good statement is changed: it is refused, reported or read as changed, never otherwise."""
