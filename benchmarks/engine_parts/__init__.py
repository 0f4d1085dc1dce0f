"""What benchmarks/engines.py consists of."""
