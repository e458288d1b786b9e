"""Risk-assessment notebooks for models, folded into a register that people can sign off."""

__version__ = "0.1.0"
