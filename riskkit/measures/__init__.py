"""Measures: a table or samples in, measurements out; one file a family, no files read, no figures drawn."""
