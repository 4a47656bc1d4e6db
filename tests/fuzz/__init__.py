"""Any bytes into every reader: the outcome is a value or the reader's own error, in bounded time."""
