"""Where and when: places, ways, weather; pure, no clock and no I/O."""
