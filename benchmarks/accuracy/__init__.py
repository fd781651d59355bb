"""Real series, rivals and cases of the accuracy benchmark."""
