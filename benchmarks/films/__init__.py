"""Measurements on films."""
