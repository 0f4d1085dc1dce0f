"""Evaluation of a run: answers, scores, baselines, reports."""
