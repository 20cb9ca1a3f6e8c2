"""``make soakfiles``: many files from a folder to the receiver, the push killed half-way and taken up again."""
