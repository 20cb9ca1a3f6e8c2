"""How long the whole conveyor takes beside two mere copies of the same rows. Run: make bench."""
