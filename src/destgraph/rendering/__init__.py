"""Results for people: HTML, text, tables."""
