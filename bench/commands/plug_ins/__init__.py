"""Commands for strategies and problems of one's own."""
