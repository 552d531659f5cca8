"""Casework: case scenarios, country course packages and a reviewer's desk for Open edX. See docs/architecture.md."""

__version__ = "0.1.0"
