"""Large-neighbourhood search: destroy a part of an allocation, repair it, keep what is about as good."""
