"""What templates may ask of payments."""
