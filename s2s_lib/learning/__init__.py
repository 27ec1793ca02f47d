"""Training: one loop as events, `fit` around it, and the files that it can go on from."""
