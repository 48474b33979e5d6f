"""`comity explain`: describes a case, a request or a group from the event tables of a run."""
