"""Named instances: the paper's, measured ones, generated ones, and the catalogue of them all."""
