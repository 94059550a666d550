"""Other people's planners and libraries as entrants: docs/entrants.md says what each is and what was adapted."""
