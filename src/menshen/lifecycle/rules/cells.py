"""Cells of a CSV file: nothing in them runs as a formula in a spreadsheet, and all of it comes back (S-155)."""

RUNS = frozenset("=+-@\t\r＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, full-width forms included (OWASP, CSV Injection)."""
MARK = "'"


def harmless(value: str) -> str:
    """The value behind an apostrophe where it would run, or begins with an apostrophe itself."""
    return MARK + value if value[:1] and value[0] in RUNS | {MARK} else value


def restored(cell: str) -> str:
    """The value that `harmless` was given; other cells as they stand."""
    return cell[1:] if cell[:1] == MARK and len(cell) > 1 and cell[1] in RUNS | {MARK} else cell
