"""Lots as postings between accounts: births, moves, holds, production, returns, and their history."""
