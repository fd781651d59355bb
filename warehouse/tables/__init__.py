"""Every table declared once."""
