"""The pages: where to go, the employers' lists, helping hands; at the desk also points and signals."""
