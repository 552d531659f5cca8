"""What this app adds to the settings of an Open edX that it is plugged into."""
