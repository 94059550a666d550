"""Search for decisions of the family `swarm`: an annealing walk whose moves are refused by bounds on the flow first."""
