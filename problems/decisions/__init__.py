"""The kinds of decisions, each with the operations by which any strategy can search it."""
