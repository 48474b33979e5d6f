"""The description of the model by the ODD protocol: prose by hand, tables from the code (`make docs`)."""
