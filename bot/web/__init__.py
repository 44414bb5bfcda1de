"""The doors: Socket Mode and HTTP, with health and metrics; both lead through the same dispatch."""
