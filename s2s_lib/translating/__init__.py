"""From a trained model to a sentence: decoding, what happened on the way, and text in and out."""
