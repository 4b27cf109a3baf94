"""REST: paths for programs, their forms, and their problems."""
