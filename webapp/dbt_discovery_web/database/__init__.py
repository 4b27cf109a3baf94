"""Where conversations are kept, in SQLite or PostgreSQL, and the locks that keep their turns apart."""
