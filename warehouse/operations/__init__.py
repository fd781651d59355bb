"""What whoever runs Leadline asks of it besides plans: how the nights went, a customer forgotten, a copy brought back."""
