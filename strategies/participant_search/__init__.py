"""Search for decisions of the family `atom`: who takes part, with the best ways found exactly for each choice."""
