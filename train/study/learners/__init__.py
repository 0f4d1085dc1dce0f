"""What a study trains: each learner answers the test rows after being trained on a cell's rows."""
