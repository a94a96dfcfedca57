"""Figures of this house, measured on the machine at hand: ratios within one run, never part of the tests."""
