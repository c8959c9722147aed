"""What is sold and where it lies, and what was agreed about it."""

from comptoir.catalog.models.agreements import Agreement, AgreementFile, AgreementLine
from comptoir.catalog.models.goods import (
    Batch,
    CatalogQuerySet,
    CustomerPart,
    Pledge,
    Price,
    Product,
    ProductLink,
    ProductUnit,
    Reservation,
    Site,
    Stock,
    Supply,
    TaxRate,
)
from comptoir.catalog.models.knowledge import FreightZone, ProductFile, ProductNote

__all__ = [
    "Agreement",
    "AgreementFile",
    "AgreementLine",
    "Batch",
    "CatalogQuerySet",
    "CustomerPart",
    "FreightZone",
    "Pledge",
    "Price",
    "Product",
    "ProductFile",
    "ProductLink",
    "ProductNote",
    "ProductUnit",
    "Reservation",
    "Site",
    "Stock",
    "Supply",
    "TaxRate",
]
