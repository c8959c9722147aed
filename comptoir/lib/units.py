"""Units as customers read them in their own language; the desk, files and the API keep the code of the product."""

SHORT = {
    "pcs": {"da": "stk.", "sk": "ks", "bg": "бр."},
    "box": {"fr": "bte", "da": "krt.", "sk": "bal.", "bg": "кут."},
    "set": {"da": "sæt", "bg": "к-т"},
    "pair": {"da": "par"},
    "m": {"bg": "м"},
    "kg": {"bg": "кг"},
    "l": {"bg": "л"},
    "h": {"da": "t", "bg": "ч"},
}


def unit_in(unit: str, language: str) -> str:
    """The abbreviation in the language or locale, else the code as it is."""
    return SHORT.get(unit, {}).get(language[:2], unit)
