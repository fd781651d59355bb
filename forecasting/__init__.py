"""History -> forecast: every channel, with its uncertainty and its reasons."""
