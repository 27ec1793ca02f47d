"""Live views for notebooks."""

from .live import LiveTranslation

__all__ = ["LiveTranslation"]
