"""Does synthetic data help? Small learners that answer it on a CPU."""
