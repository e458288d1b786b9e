"""The catalogue that comes with the kit, read once for all tests."""

from riskkit import catalog

SHIPPED = catalog.load()
