"""E-mail: the only code that speaks SMTP and IMAP.

Words: mailbox (how an inbox is read and sent from), raw mail (bytes that came in), delivery. Invariants: a mail's bytes and row
are durable before its server hears so; one raw mail becomes one message; a message always leaves with the same bytes; what
cannot be read becomes a case that shows why.
"""
