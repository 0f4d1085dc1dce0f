"""Base models: architectures, loading, encoding, memory, adapters, the tiny model of smoke runs."""
