"""Prices: effects of what is said and shown, the laws, and the endings."""
