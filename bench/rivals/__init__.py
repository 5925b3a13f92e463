"""What else a user could take, measured in the same run on the same papers."""
