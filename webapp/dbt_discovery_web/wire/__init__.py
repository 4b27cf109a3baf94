"""How answers go over the wire: tagged, compressed, and given again as bytes while they will do."""
