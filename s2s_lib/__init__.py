"""Sequence-to-sequence models with attention: the small library behind the workbook.

One alphabet of axes is used in every signature and every comment, batch first:

    B batch   S source length   T target length   E embedding   H hidden   L layers   V vocabulary

Masks are boolean and True at real tokens.
"""

import os

# On a machine shared with others, OpenMP's spinning barriers can make two threads ten times slower than one.
# The policy is read once, when torch loads, so it is set here, before anything imports torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
