"""The shortest open path over groups: exact up to twelve, an upper bound above."""
