"""What stands around the chapters: checks, hints, predictions, progress; `python -m s2s_lib.course` builds them."""

from .checking import CheckError, check, hint
from .predicting import predict, reveal
from .progressing import progress
from .readiness import ready
from .showing import show_source

__all__ = ["CheckError", "check", "hint", "predict", "progress", "ready", "reveal", "show_source"]
