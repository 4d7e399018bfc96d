"""Does the description fit the code: vague words, controlled goods under another code, plausibility of the heading."""
