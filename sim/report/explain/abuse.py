"""A request with no genuine case behind it, in sentences: what it pretended, and who saw through it (part H)."""

from types import MappingProxyType

from sim.law.vocabulary import Channel, Ground, Offence
from sim.report.explain import wording
from sim.report.explain.book import Book
from sim.report.explain.wording import state
from sim.world.records import Abuse, Stage

_OFFENCES = MappingProxyType(
    {
        Offence.ILLEGAL_ACCESS: "illegal access",
        Offence.COMPUTER_FORGERY: "computer forgery",
        Offence.COMPUTER_FRAUD: "computer fraud",
        Offence.MONEY_LAUNDERING: "money laundering",
    }
)


def truth(book: Book, row: int) -> str:
    """What the model knows about the request, and nobody who met it did."""
    request = book["request"][row]
    own = state(book.code(request.requesting))
    if request.abusive == Abuse.FALSE_EMERGENCY:
        return f"The model knows: nobody was in danger. Somebody only pretended to be police of {own}."
    pretext = _OFFENCES[Offence(request.offence)]
    if request.abusive == Abuse.DISGUISED:
        return f"The model knows: there was no genuine case. It alleged facts of {pretext} that had not happened."
    return f"The model knows: there was no genuine case. It spoke of {pretext}, but showed no such offence."


def refusal(book: Book, row: int) -> str | None:
    """How somebody saw through it; None where it was refused as a genuine one might have been."""
    request = book["request"][row]
    ground, place = Ground(request.ground), state(book.code(request.requested))
    if ground is Ground.PROVIDER_POLICY and request.abusive == Abuse.FALSE_EMERGENCY:
        return f"the provider in {place} called back and found out that it was false"
    if ground is not Ground.POLITICAL_OR_ESSENTIAL_INTERESTS:
        return None
    if request.channel == Channel.POLICE:
        return "INTERPOL stopped it as political (article 3 of its constitution)"
    if request.stage == Stage.APPEAL:
        return f"a court of {place} found for the person affected, who had appealed"
    return None


def exposed(book: Book, row: int) -> str:
    """What the person lost when it was executed."""
    accounts = int(book["request"].accounts[row])
    return f"Data of {wording.count(accounts, 'account')} were handed over to those who had no right to them."
