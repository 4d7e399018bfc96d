"""Work too large for one machine's memory or patience: batches on a cluster."""
