"""The tamper-evident record: a C2SP tlog-tiles log that any third party can check.

Everything here is bytes in and bytes out. Files and their durability are the work of
`keruen.store.logfiles`; what the leaves mean is the work of those who write them.
"""
