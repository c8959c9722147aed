"""What can be read: one module a package, each row in the shape programs get."""

from comptoir.api.readers import cases, customers, directory, orders, products, promises, quotes

__all__ = ["cases", "customers", "directory", "orders", "products", "promises", "quotes"]
