"""What e-mail writes to the database. Undeclared: machines do it, in the name of the system member."""
