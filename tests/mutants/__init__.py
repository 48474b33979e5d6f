"""Small errors, put into a copy of the sources one at a time: which of them do the tests notice?"""
