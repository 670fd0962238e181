"""What a deployment adds to reading: agencies behind lanes, and the parts that a process names."""
