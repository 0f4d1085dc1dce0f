"""The parts of benchmarks/gpu.py, one file per question."""
