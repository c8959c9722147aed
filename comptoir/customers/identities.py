"""The normal form of an e-mail address or phone number."""

import phonenumbers


def normal_email(address: str) -> str:
    """Lower case, without a plus-tag."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local.split('+')[0] or local}{at}{domain}" if at else address.strip().lower()


def normal_phone(number: str, country: str = "") -> str:
    """E.164 where the number can be read, with the country for numbers typed without prefix; else its digits."""
    try:
        parsed = phonenumbers.parse(number, country or None)
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        return "".join(c for c in number if c.isdigit())


def normal_of(kind: str, value: str, country: str = "") -> str:
    """The normal form by kind of identity."""
    if kind == "email":
        return normal_email(value)
    if kind in ("phone", "fax"):
        return normal_phone(value, country)
    return " ".join(value.split()).casefold()


def shown_phone(value: str, region: str = "") -> str:
    """A phone number as people read it."""
    try:
        parsed = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException:
        return value
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
