"""Faces: parse, call one workflow function, render."""
