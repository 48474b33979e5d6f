"""Studies: what varies (design, plan), execution (run, worker), and storage (ledger, parts, study).

What failed is a value (run.Failure); conduct is the loop around all of it.
"""
