"""Attempts, answers, reviews and the reviewer's desk: one Django app. `api.py` is its only door. No XBlock in here."""
