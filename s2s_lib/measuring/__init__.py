"""What a trained model does, in numbers and figures; many runs in one table."""
