"""One module per source system: the edge where files and networks are read."""
