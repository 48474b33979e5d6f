"""Suggestions of valid names close to a wrong one, for error messages."""

import difflib
import traceback
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

#: Names less alike than this, by difflib's ratio 0–1, are not what was meant: a wrong hint is worse than none. Names of
#: states are so many that some resemble anything: theirs must be more alike and begin with the same letter.
_ALIKE, _ALIKE_SHORT, _ALIKE_STATES = 0.7, 0.6, 0.75
_CODE_LETTERS = 3


def nearest(word: str, known: Iterable[str], *, what: str = "one of", labels: Mapping[str, str] | None = None) -> str:
    """Text that suggests the valid word closest to a wrong one or, if none is close, lists valid words.

    `what` announces the list; empty for no list. Labels are longer names of known words, such as those of countries,
    which are matched and shown as well.
    """
    meant = closest(word, words := sorted(set(known)), labels)
    if meant or not what:
        label = f" ({labels[meant]})" if labels and meant in labels else ""
        return f"Did you mean {meant}{label}?" if meant else ""
    theme, dot, _ = word.partition(".")
    words = [name for name in words if dot and name.startswith(f"{theme}.")] or words
    return f"Use {what}: {', '.join(words[:12])}{', …' if len(words) > 12 else ''}."


def closest(wrong: str, valid: Iterable[str], labels: Mapping[str, str] | None = None) -> str:
    """Valid name that a wrong one probably means; empty if no valid name is close.

    A name may have a longer label (state code to country name); its beginning, its initials and close spellings are
    matched as well.
    """
    word, valid = _folded(wrong), list(valid)
    if not word:
        return ""
    if labels is None:
        names = {_folded(name): name for name in valid}
        cutoff = _ALIKE if len(word) > _CODE_LETTERS else _ALIKE_SHORT
        close = difflib.get_close_matches(word, names, n=5, cutoff=cutoff)
    else:
        starting = [name for name, label in labels.items() if _folded(label).startswith(word)]
        initials = [name for name, label in labels.items() if _initials(label) == word]
        codes = [name for name in valid if _folded(name).startswith(word)]
        codes = codes if len(codes) == 1 and not initials else []  # of a code of two letters, as DE
        if first := [*codes, *initials, *starting]:
            return first[0]
        names = {_folded(label): name for name, label in labels.items()} | {_folded(name): name for name in valid}
        beginning = [name for name in names if name[:1] == word[:1]]
        if len(word) > _CODE_LETTERS:
            close = difflib.get_close_matches(word, beginning, n=5, cutoff=_ALIKE_STATES)
        else:
            close = [name for name in beginning if _one_letter_apart(word, name)]
    return names[max(close, key=lambda name: _common(name, word))] if close else ""


class UnknownNameError(ValueError):
    """Error for a misspelt name in code; the message has file, line, name and the name that was probably meant."""


def unknown_name(what: str, name: object, problem: str, known: Iterable[str], asker: str) -> UnknownNameError:
    """Makes the error for a name in code that nothing has; the place is the code that called the module `asker`."""
    text = f"{what} = {name!r} {problem}. {nearest(str(name), known)}"
    return UnknownNameError(f"{_place_before({asker, __file__})}: {text}".rstrip())


def _place_before(files: set[str]) -> str:
    """File and line of the code that called some modules; files of this package without what is above them."""
    frame = next(one for one in reversed(traceback.extract_stack()) if one.filename not in files)
    file, root = Path(frame.filename), Path(__file__).parents[2]
    return f"{file.relative_to(root).as_posix() if file.is_relative_to(root) else file}:{frame.lineno}"


def _folded(text: str) -> str:
    """Text in lower case without accents, so that Türkiye is close to Turkey."""
    decomposed = unicodedata.normalize("NFKD", text.strip().lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _initials(label: str) -> str:
    """Initials of a label's capitalised words, in lower case, such as uk; empty for a single word."""
    words = [part for part in label.split() if part[0].isupper()]
    return "".join(part[0] for part in words).lower() if len(words) > 1 else ""


def _one_letter_apart(one: str, other: str) -> bool:
    """True if two words differ by one wrong, missing or extra letter, or by two swapped letters."""
    a, b = one[_common(one, other) :], other[_common(one, other) :]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or (a[1::-1], a[2:]) == (b[:2], b[2:])


def _common(one: str, other: str) -> int:
    """Number of letters in the common beginning of two words."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
