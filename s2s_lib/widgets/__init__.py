"""Live widgets: explore a translation, step through its arithmetic, watch a training, compare attentions."""

from .compare import CompareAttention
from .explorer import AttentionExplorer
from .monitor import TrainingMonitor
from .steps import StepThrough

__all__ = ["AttentionExplorer", "CompareAttention", "StepThrough", "TrainingMonitor"]
