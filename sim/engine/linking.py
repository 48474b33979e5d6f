"""Compiles entry points faster: each rule is translated to LLVM code once, then linked and optimised.

Numba compiles every function that another calls as if Python could call it as well: with two wrappers, optimised
together with all that it calls, and turned into machine code. The several hundred rules below a kernel need none of
that: the kernel holds them all and is optimised as a whole. A rule is therefore only translated to LLVM's language; a
kernel links the translation of each rule that it reaches, once. Numba would also compile a rule again for every width
of integers, and for every constant, that it is called with; here callers widen integers to 64 bits. Since nothing else
can call them, rules are inlined and simplified for their callers.

Numba's own options `no_cpython_wrapper` and `no_cfunc_wrapper` leave the wrappers out, but each function is optimised
and turned into machine code all the same (https://github.com/numba/numba/pull/9566 would have changed that). Processor
seconds of the request pipeline of tests/benchmarks, one core of a busy machine, Numba 0.68.1:

| rules compiled by | its entry point compiled | 20,000 requests, best of 5 |
| --- | ---: | ---: |
| this module | 17.5 | 0.031 |
| Numba without wrappers | 67.2 | 0.041 |

All of this builds on private classes of Numba. See `compiling.PLAIN` for the way without them.
"""

import pickle
import sys
from collections.abc import Callable
from ctypes import CDLL, c_void_p
from dataclasses import dataclass
from dis import opmap
from functools import cached_property
from hashlib import sha256
from itertools import chain
from typing import Any, cast

import numba
from llvmlite.binding import Linkage, add_symbol, set_option
from numba import types
from numba.core import typed_passes, untyped_passes
from numba.core.caching import _Cache
from numba.core.codegen import CodeLibrary, JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult
from numba.core.compiler_machinery import PassManager
from numba.core.registry import CPUDispatcher, cpu_target
from numba.core.serialize import dumps
from numba.core.sigutils import normalize_signature

from sim.engine.bound import OPTIONS
from sim.engine.caching import RULES, folder, read, write

#: Up to this cost LLVM makes a rule part of its caller (225 by itself): scenario runs of three sets took 5.6 % less.
set_option("comity", "-inline-threshold=2000")


class RuleLibrary(JITCodeLibrary):  # type: ignore[misc, unused-ignore]
    """Numba code library with the LLVM code of a single rule."""

    def finalize(self) -> None:
        """Completes the rule's LLVM code without optimising it."""
        self._raise_if_finalized()
        self._finalize_dynamic_globals()
        self._finalized = True

    @cached_property
    def part(self) -> "RulePart":
        """LLVM code of this rule alone, for linking."""
        return RulePart(super()._get_module_for_linking(), self._reload_init)

    @cached_property
    def parts(self) -> "tuple[RulePart | CodeLibrary, ...]":
        """LLVM code of this rule and of all rules that it calls, directly or indirectly."""
        called = (lib.parts if isinstance(lib, RuleLibrary) else (lib,) for lib in self._linking_libraries)
        return tuple(dict.fromkeys([self.part, *chain.from_iterable(called)]))

    def _get_module_for_linking(self) -> Any:
        """LLVM module with the code of the rule and of all rules that it calls."""
        module = self.part.module.clone()
        for part in self.parts:
            if part is not self.part:
                module.link_in(part._get_module_for_linking(), preserve=True)
        return module


@dataclass(frozen=True, eq=False)
class RulePart:
    """LLVM code of a single rule, as a Numba code library that can be linked."""

    module: Any  # of LLVM
    reload: Any  # what a process must do before it loads the code from the cache

    @property
    def _reload_init(self) -> Any:
        return self.reload

    def _get_module_for_linking(self) -> Any:
        return self.module


class KernelLibrary(JITCodeLibrary):  # type: ignore[misc, unused-ignore]
    """Numba code library with the machine code of an entry point and all its rules."""

    def add_linking_library(self, library: CodeLibrary) -> None:
        """Links the code of a rule, unless it is linked already."""
        library._ensure_finalized()
        parts = library.parts if isinstance(library, RuleLibrary) else (library,)
        self._linking_libraries += dict.fromkeys(part for part in parts if part not in self._linking_libraries)

    def _optimize_final_module(self) -> None:
        """Marks rules as internal before optimisation, so that LLVM can inline or drop them."""
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
    """Key under which Numba's tables store a rule's LLVM code."""


#: Instructions of Python that need passes of Numba which hardly any rule needs.
_UNUSUAL = frozenset(
    opmap[name] for name in ("RAISE_VARARGS", "MAKE_FUNCTION", "BEFORE_WITH", "LOAD_SPECIAL") if name in opmap
)


def _usual_passes() -> PassManager:
    """Numba's usual compiler passes, except those that rules do not need."""
    passes = PassManager("rule")
    for kind in (
        untyped_passes.TranslateByteCode,
        untyped_passes.FixupArgs,
        untyped_passes.IRProcessing,
        untyped_passes.GenericRewrites,
        untyped_passes.ReconstructSSA,
        typed_passes.NopythonTypeInference,
        typed_passes.PreLowerStripPhis,
        typed_passes.InlineOverloads,
        typed_passes.IRLegalization,
        typed_passes.NativeLowering,
        typed_passes.NoPythonBackend,
    ):
        passes.add_pass(kind, kind.__name__)
    passes.finalize()
    return passes


class RuleCompiler(Compiler):  # type: ignore[misc, unused-ignore]
    """Numba compiler pipeline for rules, which ends with LLVM code."""

    def define_pipelines(self) -> Any:
        """Compiler passes for a rule: Numba's own, without wrappers and machine code."""
        flags = self.state.flags
        flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
        self.state.library = _library(RuleLibrary, self)
        usual = _UNUSUAL.isdisjoint(self.state.func_id.code.co_code[::2])  # no functions, nothing raised, no `with`
        return [_usual_passes()] if usual else super().define_pipelines()

    def _compile_core(self) -> Any:
        """Compiles a rule to LLVM code and registers the code for the rule's callers."""
        result = super()._compile_core()
        entry = _TranslationKey()
        result.target_context.insert_user_function(entry, result.fndesc, [result.library])
        return result._replace(entry_point=entry)


class KernelCompiler(Compiler):  # type: ignore[misc, unused-ignore]
    """Numba compiler pipeline for entry points."""

    def define_pipelines(self) -> Any:
        """Compiler passes for an entry point, which is called only from Python."""
        self.state.flags.no_cfunc_wrapper = True
        self.state.library = _library(KernelLibrary, self)
        return super().define_pipelines()


def _widened(kind: types.Type) -> types.Type:
    """Type to which a rule converts an argument; int64 for all signed integers."""
    kind = types.unliteral(kind)
    return types.int64 if isinstance(kind, types.Integer) and kind.signed else kind


class RuleDispatcher(CPUDispatcher):  # type: ignore[misc, unused-ignore]
    """Numba dispatcher that compiles a rule for its callers."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function, targetoptions={"nopython": True, **OPTIONS}, pipeline_class=RuleCompiler)

    @cached_property
    def _alone(self) -> Any:
        return numba.njit(pipeline_class=KernelCompiler, **OPTIONS)(self.py_func)

    def __call__(self, *arguments: Any) -> Any:
        """Calls the rule from Python, after compiling it like an entry point."""
        return self._alone(*arguments)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Describes a call of the rule to Numba, so that one compiled version serves all integer types."""
        wide = {name: _widened(kind) for name, kind in kws.items()}
        return super().get_call_template(tuple(_widened(kind) for kind in args), wide)

    def compile(self, sig: Any) -> Any:
        """Compiles the rule for the given argument types; the caller already has the compiler lock."""
        arguments, returned = normalize_signature(sig)
        if (known := self.overloads.get(tuple(arguments))) is None:
            with self._compiling_counter:
                known = self._compiler.compile(arguments, returned)
            self.add_overload(known)
        return known.entry_point

    def add_overload(self, result: Any) -> None:
        """Stores a compiled version of the rule, for calls from compiled code only."""
        self.overloads[tuple(result.signature.args)] = result


def _remember_operators(context: Any) -> None:
    """Makes Numba remember the result types of operators on numbers, to avoid repeated searches."""
    resolve, known = context.resolve_function_type, dict[Any, Any]()

    def remembered(function: Any, arguments: Any, keywords: Any) -> Any:
        """Type of a function call, remembered for operators on numbers."""
        usual = isinstance(function, types.Function) and getattr(function.typing_key, "__module__", "") == "_operator"
        if keywords or not usual or not all(isinstance(kind, types.Number | types.Boolean) for kind in arguments):
            return resolve(function, arguments, keywords)
        key = function, tuple(arguments)
        if key not in known:
            known[key] = resolve(function, arguments, keywords)
        return known[key]

    context.resolve_function_type = remembered


_remember_operators(cpu_target.typing_context)

#: What Numba's own definitions import for functions that no rule calls: products of matrices, and calls of C. SciPy's
#: linear algebra brings numpy.testing, numpy.f2py and pydoc along: 15 MB and 0.2 s in every process that runs rules.
_NOT_NEEDED = ("scipy.linalg", "cffi")


def _load_less(context: Any) -> None:
    """Makes Numba load only the definitions that rules need."""
    load = context.load_additional_registries

    def loaded() -> None:
        """Loads the definitions of Numba that rules need."""
        hidden = [name for name in _NOT_NEEDED if name not in sys.modules]
        sys.modules.update(dict.fromkeys(hidden, cast(Any, None)))
        try:
            load()
        finally:
            for name in hidden:
                del sys.modules[name]

    context.load_additional_registries = loaded


_load_less(cpu_target.typing_context)
_load_less(cpu_target.target_context)  # its context names C functions, which those below replace

# Numba is built for old C libraries, whose functions look at each result for errors that no rule asks about. Those of
# today give the same numbers, and rules call them some seventeen times an event.
if sys.platform == "linux":
    for _name in ("exp", "log", "pow"):
        add_symbol(_name, c_void_p.from_buffer(CDLL(None)[_name]).value)


class KernelCache(_Cache):  # type: ignore[misc, unused-ignore]
    """Disk cache of an entry point's compiled code; the key is a hash of all its inputs."""

    def __init__(self, named: Callable[[], str]) -> None:
        self._named = named  # gives the name of that but for the types of arguments, as it is now

    @property
    def cache_path(self) -> str:
        """Path of the cache folder, as text."""
        return str(folder(RULES))

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """Loads compiled code from the cache; returns None if it is missing."""
        target_context.refresh()

        def rebuilt(content: memoryview) -> CompileResult:
            """Restores callable code from the content of a cache entry."""
            return CompileResult._rebuild(target_context, *pickle.loads(content))  # noqa: S301 - ours

        return read(RULES, self._name(sig, target_context), rebuilt)

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        """Stores compiled code, unless the code contains memory addresses of this process."""
        if not data.library.has_dynamic_globals:
            write(RULES, self._name(sig, data.target_context), dumps(data._reduce()))

    def enable(self) -> None:
        """Does nothing, because the cache is always on."""

    def disable(self) -> None:
        """Does nothing, because the cache cannot be switched off."""

    def flush(self) -> None:
        """Does nothing, because code is stored at once."""

    def _name(self, sig: Any, target_context: Any) -> str:
        """Name of the cache entry for an entry point with given argument types."""
        made = sha256(f"{sig} {target_context.codegen().magic_tuple()}".encode())
        return f"{self._named()}-{made.hexdigest()[:16]}"
