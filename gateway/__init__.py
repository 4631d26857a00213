"""The edge: what customers, staff and other programs reach over the network."""
