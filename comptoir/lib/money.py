"""Amounts of money: exact decimals with their currency (ISO 4217)."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import total_ordering
from typing import Self

from babel.numbers import format_currency, get_currency_precision


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; sums of different currencies are refused."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> Self:
        """Money from a number, refused when it has more decimals than the currency's minor unit."""
        exact = Decimal(amount)
        if exact != exact.quantize(minor_unit(currency)):
            raise ValueError(f"{exact} has more decimals than {currency} has.")
        return cls(exact, currency)

    def quantized(self) -> Self:
        """The amount rounded half up to the currency's minor unit."""
        return type(self)(self.amount.quantize(minor_unit(self.currency), ROUND_HALF_UP), self.currency)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return self.format("en")

    def format(self, language: str) -> str:
        """The amount as a reader of that language writes it."""
        return spaced(format_currency(self.amount, self.currency, locale=language))

    def exactly(self, language: str) -> str:
        """A price as a reader of that language writes it, with all of its decimals, two at least."""
        exact = self.amount.normalize()
        return spaced(format_currency(exact, self.currency, locale=language, decimal_quantization=False))

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up.")


def spaced(text: str) -> str:
    """The amount with a no-break space between a currency's letters and the number: "DKK 12.00" as CLDR asks."""
    return re.sub(r"^(-?[A-Z]{3})(?=\d)", "\\1\u00a0", text)


def minor_unit(currency: str) -> Decimal:
    """The smallest step of a currency, 0.01 for EUR and 1 for JPY."""
    return Decimal(1).scaleb(-get_currency_precision(currency))
