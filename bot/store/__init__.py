"""The database: runs and deliveries, kept before anything is acknowledged."""
