"""A shop to try handrail on: its tools, its page, its knowledge and a stand-in model."""
