"""A document against the record: do the copies, the stock, the origin and the law agree?"""
