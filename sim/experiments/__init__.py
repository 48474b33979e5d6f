"""One study: what varies (design, plan), how one run is executed (run, worker), where it lands (ledger, parts, study).

What failed is a value (run.Failure); conduct is the loop around all of it.
"""
