"""`comity explain`: the life of a case, a request or a group, described from the event tables of a run."""
