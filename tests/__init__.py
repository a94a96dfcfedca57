"""The tests of the house, one folder a room; `servers` starts what is real around it."""
