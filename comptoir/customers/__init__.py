"""Customers (companies, persons, prospects), their contacts and the many identities by which they are known.

Words: customer, contact, identity, address, alert. Invariants: an identity's value is kept normalised and stands once per
customer and kind; a contact without e-mail is normal; the customer's number never changes.
"""
