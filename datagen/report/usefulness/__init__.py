"""What a model learns from synthetic rows and pictures of real ones."""
