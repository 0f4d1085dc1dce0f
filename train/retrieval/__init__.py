"""The products of a catalogue that are nearest to a picture, for the prompt."""
