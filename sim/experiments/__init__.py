"""What varies (design), how one run is executed (runner), where it lands (store), what failed."""
