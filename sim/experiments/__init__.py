"""Studies: their design (design, plan), their execution (run, worker) and their storage (ledger, parts, study).

What failed is a value (run.Failure); conduct is the loop around all of it.
"""
