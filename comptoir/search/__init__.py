"""One table of what can be found: a document for every case, message, order, customer, contact and product.

Words: document (what is compared for one row), key (a number as it is compared: without spaces, accents or signs), word (a
folded word of a text), hit. Invariants: documents are written from the rows alone, by whatever follows an event or by
`documents.reindex`, with the same result; what a member finds is always read again through `visible_to`.
"""
