"""Questions with known answers, put to the agent as people put them."""
