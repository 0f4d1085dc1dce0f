"""A run as others use it: the folder that is pushed to the Hub, and one that was pushed as a run again."""
