"""Diversion in the trade statistics: a lake of what both sides reported, and one question a file.

Each question is a list of named steps in Ibis and gives an Arrow table; the same expressions run on DuckDB and on
Spark.
`docs/trade.md` says what each finds, and what it cannot know.
"""
