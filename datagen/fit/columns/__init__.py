"""What each column of a catalogue is, found from its values: its role, its rule, what it is drawn from."""
