"""The assistant's work: worker, turn, model client, prompt and tools."""
