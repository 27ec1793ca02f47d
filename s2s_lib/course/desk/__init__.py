"""What runs in a student's kernel: checks, hints, predictions, progress. Exercises register with it."""

from .checking import CheckError, check, hint
from .predicting import predict, reveal
from .progressing import progress
from .readiness import ready
from .showing import show_source

__all__ = ["CheckError", "check", "hint", "predict", "progress", "ready", "reveal", "show_source"]
