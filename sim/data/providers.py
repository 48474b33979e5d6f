"""What custodians do with foreign authorities that ask them directly, and who asks them through a single point.

Rules where the data say nothing:

* a large provider without a row refers to treaty channels: of the providers that SIRIUS asked in 2020, 53 % were
  barred from answering foreign authorities or unwilling to.
* hosts and access providers refer to treaty channels, too, but those of a State with a blocking statute ignore foreign
  authorities.
* a State asks through a single point of contact if it is a member of Europol, whose SIRIUS project set up such points
  and joins them (judgement: which ones work is not published).
"""

import numpy as np
import numpy.typing as npt

from sim.data.load import DataError, read_table, states

#: What provider_policy.csv says, and the policy that it means: a name of ProviderPolicy.
_STATED = {
    "answers directly for some data kinds": "ANSWERS",
    "refers to MLAT/treaty": "REFERS",
    "ignores": "IGNORES",
}
_FILE = "provider_policy.csv"


def policy_of_major(row_name: str) -> str:
    """Policy of a large provider.

    Args:
        row_name: provider's name in provider_policy.csv; blank where it has no row.

    Raises:
        DataError: no such row, or a policy that is not known.
    """
    if not row_name:
        return "REFERS"
    for row in read_table(_FILE).rows:
        if row["provider"] == row_name:
            if row["foreign_request_policy"] not in _STATED:
                raise DataError(
                    f"{_FILE}: {row_name}: foreign_request_policy = {row['foreign_request_policy']!r} is none of "
                    f"{', '.join(_STATED)}"
                )
            return _STATED[row["foreign_request_policy"]]
    raise DataError(f"provider_weights.csv: policy_row = {row_name!r} is no provider of {_FILE}")


def policy_of_others(state: str) -> str:
    """Policy of the hosts and access providers of a State."""
    blocking = {row["iso3"] for row in read_table("data_protection.csv").rows if row["rule"] == "blocking"}
    return "IGNORES" if state in blocking else "REFERS"


def single_points() -> npt.NDArray[np.bool_]:
    """States that ask providers through a single point of contact, bool [state]."""
    rows = read_table("memberships.csv").rows
    members = {row["iso3"] for row in rows if (row["body"], row["kind"]) == ("Europol", "member")}
    return np.isin(states(), list(members))
