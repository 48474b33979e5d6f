"""The what-if page, which shows a policy's effects while paired worlds are being simulated."""
