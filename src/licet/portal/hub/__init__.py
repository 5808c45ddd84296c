"""What clients of the Hugging Face Hub expect on the portal's side: it writes rights, or is for people to read."""
