"""`python -m s2s_lib.train NAME`: train a shipped translator again. The recipes are in `course.research`."""

from .course.research.recipes import main

if __name__ == "__main__":
    main()
