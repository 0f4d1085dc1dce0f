"""Fitting: a schema and a profile learned from the rows of a catalogue."""
