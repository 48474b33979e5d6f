"""What varies, how one run is executed, where it lands, and what failed."""
