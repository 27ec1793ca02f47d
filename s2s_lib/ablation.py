"""`python -m s2s_lib.ablation NAME`: run one of the course's experiments again; their tables, and grids of your own."""

from .course.research.experiments import main
from .course.research.tables import table
from .measuring.grid import long, run_grid

__all__ = ["long", "main", "run_grid", "table"]

if __name__ == "__main__":
    main()
