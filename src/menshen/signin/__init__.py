"""Sign-in: open, charge, prove, conclude; the ordered list of requirements; the door for the company's applications."""
