"""The assembly: command line, configuration, supervision and the embedded Redis."""
