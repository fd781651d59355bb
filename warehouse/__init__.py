"""The base and the published surface: table declarations, the lake, the database, the plan book."""
