"""Validation of Turtle, shapes and queries: findings that point at file, line and column."""
