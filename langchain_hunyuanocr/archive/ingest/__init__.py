"""Documents into the archive, by runs that may be killed anywhere.

`run` leads: `plan` says what is left to do for each `job`, `file_reader` reads it, in the threads of `workers`;
`vector_sync` follows with the vectors, `prune` forgets what is gone, `watch` goes on.
"""
