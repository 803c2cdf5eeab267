"""What the app does, shown on one machine."""
