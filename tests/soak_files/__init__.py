"""``make soak-files``: many files from a folder to the receiver, the push killed half-way and taken up again."""
