"""Small real servers for tests, each a context manager, each on a free port of this machine."""
