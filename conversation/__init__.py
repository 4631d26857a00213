"""What happened: the log of each conversation, its state, and everything that follows from it."""
