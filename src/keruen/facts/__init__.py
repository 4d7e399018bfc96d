"""What is known of a document, its parties, its goods and its officers at the moment it is decided."""
