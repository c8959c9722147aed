"""Cases: a numbered piece of work with its conversations, asks, owner, clock and outcome.

Words: case, conversation, message, inbox, ask, draft, link. Invariants: every open case has a next update due; a sent message
never changes and has one fixed Message-ID; a case with open asks or a case nobody's customer is known of is not resolved.
"""
