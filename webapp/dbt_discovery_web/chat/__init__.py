"""The chat: questions to the agent, their answers, and the pages that show them."""
