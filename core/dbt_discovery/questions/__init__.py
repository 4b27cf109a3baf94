"""Questions: what several reports and handles ask an account through an inquiry."""
