"""The mechanisms that can be left out of a world, read off the declared switches."""

from collections.abc import Iterable
from dataclasses import dataclass

from sim.law.suggest import nearest
from sim.policy.problem import mistake
from sim.world.parameters import Parameters, declarations, value_of

_SWITCH, _PREFIX = "switch", "with_"


@dataclass(frozen=True)
class Mechanism:
    """A mechanism with a switch of its own.

    Attributes:
        key: as users write it, such as hop_chain.
        switch: dotted name of the switch among the parameters, such as mechanism.with_hop_chain.
        meaning: what it does in the world.
        source: where it is described.
    """

    key: str
    switch: str
    meaning: str
    source: str

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.key.replace("_", " ")

    @property
    def block(self) -> str:
        """Name of the worlds in which it is left out."""
        return f"without {self.title}"


def mechanisms() -> tuple[Mechanism, ...]:
    """Every mechanism with a switch, in the order of declaration."""
    return tuple(
        Mechanism(item.name.removeprefix(_PREFIX), name, declaration.meaning, declaration.source)
        for name, item, declaration in declarations()
        if declaration.unit == _SWITCH
    )


def chosen(keys: Iterable[str], key: str) -> tuple[Mechanism, ...]:
    """The mechanisms of these keys, in the given order.

    Args:
        keys: as users write them.
        key: under which option or key, for a message about a mistake.

    Raises:
        InputError: one is unknown, or named twice, or none is named.
    """
    known = {mechanism.key: mechanism for mechanism in mechanisms()}
    found: dict[str, Mechanism] = {}
    for name in keys:
        if name not in known:
            fix = nearest(name, known) + " List them with `comity ablate --list`."
            raise mistake("unknown mechanism", key, name, fix)
        if name in found:
            raise mistake("named twice", key, name, "Name each once.")
        found[name] = known[name]
    if not found:
        fix = f"Name at least one of {', '.join(known)}."
        raise mistake("no mechanism to leave out", key, "", fix)
    return tuple(found.values())


def is_on(parameters: Parameters, mechanism: Mechanism) -> bool:
    """Whether a world has the mechanism."""
    return value_of(parameters, mechanism.switch) != 0.0
