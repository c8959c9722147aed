"""The API: every declared act and the rows a member may see, for programs.

Words: token, scope, act, reader, shape, problem. Invariants: nothing here decides or changes; an act goes through the
door as from a screen, a row is read through `visible_to`; no cookie counts; the document is made from the actions and
readers as they are.
"""
