"""Pictures: a product in, a JPEG out. ``scene`` is the one entry; ``vocabulary`` the words it understands."""
