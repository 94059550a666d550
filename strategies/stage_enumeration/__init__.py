"""All decisions of small instances of the family `swarm`: the proven optimum."""
