"""Analysis: the arithmetic and the verdicts of reports, as functions on records; nothing here asks for anything."""
