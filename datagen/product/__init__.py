"""The latent product that a row and its picture are both computed from, and all that samples it."""
