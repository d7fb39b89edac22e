"""A person among people: what moved most, who moved whom, when to post, side by side, the pulse.

All from stored rows: sums of the ledger, reactions as they were read, scores of past days.
"""
