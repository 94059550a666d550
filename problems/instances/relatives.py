"""Which instances are related: those made from one base have their links in common, so that they tell less than others.

>>> base_of("measured/gcp4-hivemind-32?dp=4&pp_scale=0.1")
'measured/gcp4-hivemind-32'
>>> base_of("generated/clustered?n=64&dp=8&seed=2&pp_scale=0.1")
'generated/clustered?n=64&seed=2'
"""

from __future__ import annotations

from tasklet_bench.problems.bad_input import BadInput
from tasklet_bench.problems.instances.bases import base
from tasklet_bench.problems.instances.name import canonical, read, split

_SHAPE = "dp"


def base_of(name: str) -> str:
    """What an instance was made from, before it got a shape, a workload, noise and the like.

    A table or a scenario; a drawn network with what it was drawn from. Instances of other families are named after the
    network that they use, so `gossip/measured/x` and `measured/x` are related. Of any other name, such as a file's,
    what stands before the `?`.
    """
    before, query = split(name)
    for source in (before, before.partition("/")[2]):
        try:
            result = base(source)
        except BadInput:
            continue
        own = {key.name for key in result.keys} - {_SHAPE}
        keys = tuple(key for key in result.keys if key.name in own)
        given = {key: value for key, value in query.items() if key in own}
        try:
            return canonical(result.name, read(name, given, keys), keys)
        except BadInput:
            break
    return before
