"""May this person do this, and as whom: access.yml, guardrails, and the credentials of the one who asks."""
