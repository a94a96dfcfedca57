"""The ground of the house: clock, dice, database, settings, texts, web; no table, no route, no job."""
