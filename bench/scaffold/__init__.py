"""Scaffolds: the files from which a plug-in is begun."""
