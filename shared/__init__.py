"""What the app knows and how it reaches the outside: pure rooms, ports, adapters and the one place that joins them."""
