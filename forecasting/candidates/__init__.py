"""The competing daily models; each takes a history frame and gives a forecast frame."""
