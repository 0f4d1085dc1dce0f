"""What pictures show of a catalogue that says it in words: colours, kinds, materials."""
