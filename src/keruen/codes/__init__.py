"""Code lists and key formats of others: nomenclatures, units, countries, places, keys, control lists.

Each module holds one list or one family of keys and reads its table from `tables/` when first asked,
so importing costs nothing. The tables are made by `tools/codes.py` from `data/`, where each list's
source, edition and licence stand.
"""
