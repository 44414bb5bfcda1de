"""Us to Slack: what is said (pure), where it is said, and how often: once."""
