"""Mail as bytes and text: reading it tolerantly, cleaning it, composing it. No database, no network."""
