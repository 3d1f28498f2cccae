"""What changes weights: networks with a readout, back-propagation through time, teacher forcing, records of a run."""
