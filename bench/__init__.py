"""How fast Keruen is, each figure beside a floor or peer measured in the same run on the same machine.

`python -m bench` runs everything, `--quick` the same on a small country, a name only that bench. It
works on a database of its own in a temporary folder, and takes it away again.
"""
