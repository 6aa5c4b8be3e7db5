"""How landscapes are looked at: frozen states with their undo, what height and colour show, and on which scale."""
