"""Benches: programs that run the whole system and measure it against bars."""
