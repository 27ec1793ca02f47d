"""How the shipped translators were made, and the experiments behind the tables of the course."""
