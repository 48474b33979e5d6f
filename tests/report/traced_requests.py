"""The requests of the case written by hand, in the order in which they were drafted or nearly so."""

from collections.abc import Mapping

from sim.law.vocabulary import Channel, DataKind, Ground, Offence
from sim.world.records import RequestPurpose, RequestStatus, Stage
from tests.report.casebook import Row, Rows, day, instrument, state


def asked(
    purpose: RequestPurpose,
    requested: str,
    way: tuple[Channel, str, DataKind],
    status: RequestStatus,
    days: tuple[str, str, str],
    more: Row,
    stages: Mapping[int, float] | None = None,
) -> Row:
    """A request of DEU in case 0.

    Args:
        purpose: what for.
        requested: who is asked.
        way: channel, terms, kind of data.
        status: how it stands.
        days: drafted, sent, ended.
        more: further fields.
        stages: days in each stage.
    """
    drafted, sent, ended = map(day, days)
    channel, terms, data_kind = way
    return {
        "case": 0,
        "group": 0,
        "requesting": state("DEU"),
        "offence": Offence.SYSTEM_INTERFERENCE,
        "purpose": purpose,
        "requested": state(requested),
        "channel": channel,
        "instrument": instrument(terms),
        "data_kind": data_kind,
        "status": status,
        "drafted": drafted,
        "sent": sent,
        "ended": ended,
        **{f"stage_{stage}": length for stage, length in (stages or {}).items()},
        **more,
    }


def requests() -> Rows:
    """Row 0 to 2: lead 1, step 1; row 3: lead 2; row 4: lead 1, step 2; rows 5 and 6: authority to act."""
    return [*first_step(), silence(), second_step(), *authority()]


def first_step() -> Rows:
    """The formal request, returned once; police and preservation, asked beside it."""
    return [
        asked(
            RequestPurpose.CHAIN,
            "USA",
            (Channel.MLAT, "eu_us_mla", DataKind.TRAFFIC),
            RequestStatus.EXECUTED,
            ("2027-01-04", "2027-02-01", "2027-10-01"),
            {"chain": 0, "evidence": 0, "dual_criminality": 1, "stage": Stage.RETURN, "loops": 1},
            {1: 14.0, 2: 10.0, 3: 4.0, 4: 3.0, 5: 110.0, 6: 40.0, 7: 10.0, 8: 40.0, 9: 20.0, 11: 19.0},
        ),
        asked(
            RequestPurpose.LEAD,
            "USA",
            (Channel.POLICE, "interpol", DataKind.POLICE_INFORMATION),
            RequestStatus.EXECUTED,
            ("2027-01-04", "2027-01-04", "2027-01-08"),
            {"chain": 0},
        ),
        asked(
            RequestPurpose.PRESERVATION,
            "USA",
            (Channel.PRESERVATION_24_7, "budapest_247", DataKind.PRESERVATION),
            RequestStatus.EXECUTED,
            ("2027-01-04", "2027-01-04", "2027-01-06"),
            {"chain": 0, "evidence": 0},
        ),
    ]


def silence() -> Row:
    """Nobody ever answers."""
    return asked(
        RequestPurpose.CHAIN,
        "NGA",
        (Channel.LETTERS_ROGATORY, "letters_rogatory", DataKind.SUBSCRIBER),
        RequestStatus.WITHDRAWN,
        ("2027-01-04", "2027-02-15", "2028-01-04"),
        {
            "chain": 1,
            "evidence": 1,
            "dual_criminality": 1,
            "silent": 1,
            "stage": Stage.INCOMING_TRIAGE,
            "stage_since": day("2027-03-15"),
        },
    )


def second_step() -> Row:
    """Deleted meanwhile."""
    return asked(
        RequestPurpose.CHAIN,
        "NLD",
        (Channel.JUDICIAL_DIRECT, "eio", DataKind.CONTENT),
        RequestStatus.NO_DATA,
        ("2027-10-20", "2027-10-30", "2028-01-28"),
        {"chain": 0, "hop": 1, "evidence": 2, "dual_criminality": 1, "stage": Stage.PRODUCTION, "urgent": 1},
        {1: 10.0, 7: 30.0, 8: 60.0},
    )


def authority() -> Rows:
    """Refused, and given when asked again."""
    way = Channel.MLAT, "eu_us_mla", DataKind.SEARCH_SEIZURE
    return [
        asked(
            RequestPurpose.ACTION,
            "USA",
            way,
            RequestStatus.REFUSED,
            ("2027-02-03", "2027-03-01", "2027-06-01"),
            {"partner": 0, "ground": Ground.STANDARD_OF_PROOF},
        ),
        asked(
            RequestPurpose.ACTION,
            "USA",
            way,
            RequestStatus.EXECUTED,
            ("2027-07-01", "2027-07-15", "2028-04-01"),
            {"partner": 0, "stage": Stage.RETURN},
            {1: 14.0, 5: 200.0, 8: 61.0},
        ),
    ]
