"""Products without a wearer as solids: bags, shoes, hats and small goods."""
