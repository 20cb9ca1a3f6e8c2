"""The verbs of the command, a file each, named like the verb (the five stages share ``stage``).

``SAYS`` of a file holds what its help tells; ``run`` is the command: its options are annotated with keys of ``SAYS`` or
of ``options.SAYS``, it returns the exit code, and trouble travels through it as exceptions to ``flows.cli``.
"""
