"""Products without a wearer: bags, shoes, hats and small goods as solids, garments without a body."""
