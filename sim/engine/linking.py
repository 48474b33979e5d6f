"""Links rules into a kernel without compiling each of them on its own.

Numba compiles every function that another calls as if Python could call it as well: with two wrappers, optimised
together with all that it calls, and turned into machine code. The several hundred rules below a kernel need none of
that: the kernel holds them all and is optimised as a whole. A rule is therefore only translated to LLVM's language; a
kernel links the translation of each rule that it reaches, once. Numba would also compile a rule again for every width
of integers, and for every constant, that it is called with; here callers widen integers to 64 bits. Together this
compiles four times faster. Since nothing else can call them, rules are inlined and simplified for their callers, which
makes the kernel 5 % faster.

All of this builds on private classes of Numba. See `compiling.PLAIN` for the way without them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
from llvmlite.binding import Linkage
from numba import types
from numba.core.caching import FunctionCache
from numba.core.codegen import CodeLibrary, JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher

from sim.engine.bound import OPTIONS, digest


class RuleLibrary(JITCodeLibrary):  # type: ignore[misc, unused-ignore]
    """The translation of one rule; those that it calls stay outside."""

    def finalize(self) -> None:
        """Closes the translation without optimising it or making machine code."""
        self._raise_if_finalized()
        self._finalize_dynamic_globals()
        self._finalized = True

    @cached_property
    def part(self) -> "RulePart":
        """The translation without what it calls."""
        return RulePart(super()._get_module_for_linking(), self._reload_init)

    @property
    def parts(self) -> "Iterator[RulePart | CodeLibrary]":
        """This rule, what it calls, and all that is called in turn; some more than once."""
        yield self.part
        for library in self._linking_libraries:
            if isinstance(library, RuleLibrary):
                yield from library.parts
            else:
                yield library

    def _get_module_for_linking(self) -> Any:
        """The translation with all that it calls, for a function that is compiled by Numba's own compiler."""
        module = self.part.module.clone()
        for part in dict.fromkeys(self.parts):
            if part is not self.part:
                module.link_in(part._get_module_for_linking(), preserve=True)
        return module


@dataclass(frozen=True, eq=False)
class RulePart:
    """The translation of a rule by itself, as a library links it.

    Attributes:
        module: of LLVM.
        reload: what a process must do before it loads the code from the cache.
    """

    module: Any
    reload: Any

    @property
    def _reload_init(self) -> Any:
        return self.reload

    def _get_module_for_linking(self) -> Any:
        return self.module


class KernelLibrary(JITCodeLibrary):  # type: ignore[misc, unused-ignore]
    """The code of one entry point with all rules below it."""

    def add_linking_library(self, library: CodeLibrary) -> None:
        """Takes each rule once, no matter how many others call it."""
        library._ensure_finalized()
        parts = library.parts if isinstance(library, RuleLibrary) else (library,)
        self._linking_libraries += dict.fromkeys(part for part in parts if part not in self._linking_libraries)

    def _optimize_final_module(self) -> None:
        """Marks rules as called from nowhere else: LLVM inlines them and keeps no copy for others."""
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage != Linkage.external:
                function.linkage = "internal"
        super()._optimize_final_module()


def _library(kind: type[JITCodeLibrary], compiler: Compiler) -> JITCodeLibrary:
    state = compiler.state
    library = kind(state.targetctx.codegen(), state.func_id.func_qualname)
    library.enable_object_caching()
    return library


class _TranslationKey:
    """The key of one rule's translation in Numba's tables; nobody calls it."""


class RuleCompiler(Compiler):  # type: ignore[misc, unused-ignore]
    """Translates a rule."""

    def define_pipelines(self) -> Any:
        """Numba's own passes, without wrappers and machine code."""
        flags = self.state.flags
        flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
        self.state.library = _library(RuleLibrary, self)
        return super().define_pipelines()

    def _compile_core(self) -> Any:
        """The translation, made known to the rules and kernels that call it."""
        result = super()._compile_core()
        entry = _TranslationKey()
        result.target_context.insert_user_function(entry, result.fndesc, [result.library])
        return result._replace(entry_point=entry)


class KernelCompiler(Compiler):  # type: ignore[misc, unused-ignore]
    """Compiles an entry point."""

    def define_pipelines(self) -> Any:
        """Numba's own passes; Python alone calls an entry point."""
        self.state.flags.no_cfunc_wrapper = True
        self.state.library = _library(KernelLibrary, self)
        return super().define_pipelines()


def _widened(kind: types.Type) -> types.Type:
    """The type by which a rule is called with a value of some type."""
    kind = types.unliteral(kind)
    return types.int64 if isinstance(kind, types.Integer) and kind.signed else kind


class RuleDispatcher(CPUDispatcher):  # type: ignore[misc, unused-ignore]
    """A rule as Numba sees it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function, targetoptions={"nopython": True, **OPTIONS}, pipeline_class=RuleCompiler)

    @cached_property
    def _alone(self) -> Any:
        return numba.njit(pipeline_class=KernelCompiler, **OPTIONS)(self.py_func)

    def __call__(self, *arguments: Any) -> Any:
        """Called from Python, the rule is compiled like an entry point, whose calls find their machine code quickly."""
        return self._alone(*arguments)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """One translation for integers of any width, constants included: callers widen them."""
        wide = {name: _widened(kind) for name, kind in kws.items()}
        return super().get_call_template(tuple(_widened(kind) for kind in args), wide)

    def add_overload(self, result: Any) -> None:
        """Keeps a translation; there is no machine code that Python could be given."""
        self.overloads[tuple(result.signature.args)] = result


class BoundCache(FunctionCache):  # type: ignore[misc, unused-ignore]
    """Compiled code on disk, keyed by all that it was made from."""

    @cached_property
    def _digest(self) -> str:
        return digest(self._py_func)

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        """The key of a piece of machine code."""
        return (*super()._index_key(sig, codegen), self._digest)
