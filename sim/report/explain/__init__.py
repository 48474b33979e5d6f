"""The life of one case, request or group, told from the event tables of a run."""
