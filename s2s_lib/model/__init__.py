"""What a student must understand: batches, encoder, attention, decoder, the model as a whole, its measures."""
