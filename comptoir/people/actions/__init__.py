"""Every change to members, teams and departments."""
