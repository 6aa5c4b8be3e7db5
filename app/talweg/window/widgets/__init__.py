"""Small widgets that know nothing of landscapes."""
