"""Pure parts without Django models: time, money, numbers, text, calendar, mail, typesetting, the embedded database."""
