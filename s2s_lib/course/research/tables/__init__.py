"""The results of the course's experiments, a CSV file each."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

TABLES = Path(__file__).parent


def table(name: str) -> "pd.DataFrame":
    """Read a table of the course's results. Raises FileNotFoundError for a name that does not exist."""
    import pandas as pd

    if not (TABLES / f"{name}.csv").exists():
        raise FileNotFoundError(
            f"no table {name!r}: there are {', '.join(sorted(p.stem for p in TABLES.glob('*.csv')))}"
        )
    return pd.read_csv(TABLES / f"{name}.csv")
