"""Formats numbers at the ticks of an axis.

Figures are saved in processes of their own, which import the modules that define a figure's functions: this module
needs no other.
"""


def plain(value: float, _: object) -> str:
    """A number as short as it can be."""
    return f"{value:g}"


def money(value: float, _: object) -> str:
    """Millions of euros, short enough that no two touch on a logarithmic axis."""
    return f"{value / 1000.0:g} bn" if value >= 1000.0 else f"{value:g}"


def spaced(value: float, _: object) -> str:
    """A number with its thousands apart."""
    return f"{value:,.10g}".replace(",", " ")


def either_way(value: float, _: object) -> str:
    """A whole number without its sign, on an axis that runs both ways from zero."""
    return f"{abs(value):.0f}"


def signed(value: float, _: object) -> str:
    """A number with its sign."""
    return f"{value:+g}".replace("-", "−") if value else "0"


def per_cent(value: float, _: object) -> str:
    """A share in per cent."""
    return f"{100 * value:.3g} %".replace("-", "−")


def signed_per_cent(value: float, _: object) -> str:
    """A difference of shares as whole per cents with their sign."""
    return f"{100 * value:+.0f} %".replace("-", "−").replace("+0 ", "0 ")
