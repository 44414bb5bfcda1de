"""What the bot says to people, as data: the catalogue of problems, the words for the checks, every other phrase."""
