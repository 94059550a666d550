"""Optimise and translate compiled code once for each function that Python calls, not for each caller of each function.

numba optimises a function and makes machine code of it, with a wrapper for Python around, before it links it into each
of its callers, where it is optimised and translated again: at the bottom of ten layers of functions for the tenth time.
Here a function that compiled code calls is a *part*: typed and lowered once in a process, linked as it is, and
optimised and translated only as part of what Python calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import compiler, compiler_machinery, sigutils, typed_passes, typing, untyped_passes
from numba.core.caching import NullCache
from numba.core.codegen import JITCodeLibrary, RuntimeLinker
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher


class NoCache(NullCache):  # type: ignore[misc]  # numba is not typed
    """The cache of a function that is compiled anew in each process."""

    def end_turn(self) -> None:
        """Do nothing: nobody waits for this function."""


class CompiledFunction(CPUDispatcher):  # type: ignore[misc]
    """A function that is compiled for Python when Python calls it, and as a part when compiled code does."""

    def __init__(self, function: Callable[..., Any], targetoptions: dict[str, Any]) -> None:
        super().__init__(function, targetoptions=targetoptions)
        self._cache = NoCache()
        self._parts: dict[tuple[Any, ...], Any] = {}
        self._compiler._compile_core = self._compile_for_python

    def get_call_template(self, args: Any, kws: Any) -> tuple[Any, Any, Any, Any]:
        """Return what a compiled caller needs to know: which types this function takes and returns."""
        signature, args = self.fold_argument_types(args, kws)
        self._part(tuple(args))
        name = self.py_func.__name__
        signatures = [part.signature for part in self._parts.values()]
        return typing.make_concrete_template(f"CallTemplate({name})", name, signatures), signature, args, {}

    def get_overload(self, sig: Any) -> Any:
        """Return the key under which a compiled caller finds the code of this function."""
        args, _ = sigutils.normalize_signature(sig)
        return self._part(tuple(args)).entry_point

    def compile(self, sig: Any) -> Any:
        """Load or compile the function for Python, for one combination of argument types."""
        try:
            return super().compile(sig)
        finally:
            self._cache.end_turn()

    def _part(self, args: tuple[Any, ...]) -> Any:
        with global_compiler_lock, self._compiling_counter:
            if args not in self._parts:
                part = self._compile(_Part, args, None, part=True)._replace(entry_point=object())
                self.targetctx.insert_user_function(part.entry_point, part.fndesc, [part.library])
                self._parts[args] = part
        return self._parts[args]

    def _compile_for_python(self, args: Any, return_type: Any) -> Any:
        return self._compile(_Whole, args, return_type, part=False)

    def _compile(self, kind: type[_Whole], args: Any, return_type: Any, *, part: bool) -> Any:
        flags = _Flags()
        self.targetdescr.options.parse_as_flags(flags, self.targetoptions)
        flags.no_cfunc_wrapper = True  # it is for functions that are handed over as values
        flags.no_cpython_wrapper = flags.no_compile = part
        library = kind(self.targetctx.codegen(), self.py_func.__qualname__)
        library.enable_object_caching()
        return compiler.compile_extra(
            self.typingctx,
            self.targetctx,
            self.py_func,
            args=args,
            return_type=return_type,
            flags=flags,
            locals=self.locals,
            library=library,
            pipeline_class=_Passes,
        )


class _Flags(compiler.Flags):  # type: ignore[misc]
    """numba's flags, compared by what is set: it looks at all of them whenever it looks a function up by its types."""

    __slots__ = ()

    def __hash__(self) -> int:
        """Return what numba does, which is one number for all flags."""
        return _HASH_OF_FLAGS

    def __eq__(self, other: object) -> bool:
        """Return whether all options have the same values."""
        if not isinstance(other, compiler.Flags):
            return NotImplemented
        names = {*self._values, *other._values}
        return all(getattr(self, name) == getattr(other, name) for name in names)


_HASH_OF_FLAGS = hash(compiler.Flags())


class _Passes(compiler.CompilerBase):  # type: ignore[misc]
    """numba's passes but those that change nothing here: each reads all of a function, and most of them twice.

    Nobody looks at annotations, and there are no `with` blocks, literal types nor functions to be inlined as Python is.
    """

    LEFT_OUT = (
        typed_passes.AnnotateTypes,
        typed_passes.DumpParforDiagnostics,
        untyped_passes.FindLiterallyCalls,
        untyped_passes.InlineInlinables,
        untyped_passes.LiteralUnroll,
        untyped_passes.WithLifting,
    )

    def define_pipelines(self) -> list[Any]:
        """Return the one way in which functions are compiled."""
        whole = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes = compiler_machinery.PassManager(whole.pipeline_name)
        pruned = False
        for one, name in whole.passes:
            again = pruned and one is untyped_passes.DeadBranchPrune
            pruned = pruned or one is untyped_passes.DeadBranchPrune
            if one not in self.LEFT_OUT and not again:
                passes.add_pass(one, name)
        passes.finalize()
        return [passes]


class _Whole(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function, and of all parts that it reaches, each once."""

    def add_linking_library(self, library: Any) -> None:
        """Note a library to link, and what it needs itself; callers first, since LLVM links only what is called."""
        library._ensure_finalized()
        for needed in (library, *library._linking_libraries) if isinstance(library, _Part) else (library,):
            if needed not in self._linking_libraries:
                self._linking_libraries.append(needed)


class _Part(_Whole):
    """Code that is optimised and translated only as part of other code."""

    def finalize(self) -> None:
        """Leave the code as it is; only a function that calls itself needs its machine code now."""
        if any(variable.name.startswith(RuntimeLinker.PREFIX) for variable in self._final_module.global_variables):
            super().finalize()
        self._finalized = True
