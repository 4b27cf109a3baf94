"""The doors for people: REST, the chat page and the command line."""
