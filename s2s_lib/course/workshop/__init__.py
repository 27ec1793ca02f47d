"""What maintainers and instructors run: building and checking the editions, assignments, archives, copies."""
