"""What the bot says to people, as data: the catalogue of problems, words for the checks, every other phrase."""
