"""Kinds of ordinary request; ordinary requests are counted and not simulated one by one."""

from enum import IntEnum


class Ordinary(IntEnum):
    """Kinds of ordinary request: voluntary requests and orders, each by addressee, and others; KINDS is how many."""

    VOLUNTARY = 0  # and the next four
    BINDING = 5  # and the next four
    PRESERVATION = 10  # asked of providers
    EMERGENCY = 11  # asked of providers
    ASSISTED_USA = 12  # about data of providers, through the authorities of the USA
    ASSISTED_IRL = 13  # the same of Ireland
    ASSISTANCE = 14  # all that incoming authorities get: counted by the state that is asked
    CONTACT_POINT = 15  # all that 24/7 points get: counted by the state that is asked
    KINDS = 16  # how many there are
