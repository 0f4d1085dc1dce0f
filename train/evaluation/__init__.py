"""What comes of a run: answers, scores, baselines, reports."""
