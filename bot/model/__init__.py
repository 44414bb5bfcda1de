"""The nouns: frozen values that every other part speaks in; imports no vendor's library."""
