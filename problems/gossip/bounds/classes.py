"""Few classes of devices that have nearly the same links, so that a program over classes is small."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tasklet_bench.problems.allocation.structure import interchangeable
from tasklet_bench.problems.gossip.bounds.instance import Instance

MOST_CLASSES = 12
"""Classes beyond which the program would take too long."""


def classes_of(instance: Instance) -> NDArray[np.intp]:
    """The class of each device, shape `(N,)`: those with the same links; or else sites; or else clusters."""
    same = interchangeable(instance.pair_s)
    if same.max() < MOST_CLASSES:
        return same
    if 1 < len(instance.site_members) <= MOST_CLASSES:
        class_of = np.zeros(instance.n_devices, dtype=np.intp)
        for site, members in enumerate(instance.site_members):
            class_of[members] = site
        return class_of
    return _clusters(instance.pair_s)


def _clusters(pair_s: NDArray[np.float64]) -> NDArray[np.intp]:
    """Clusters by the mean of their pairs' seconds, numbered from 0."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distance = pair_s.copy()
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average")
    _, class_of = np.unique(fcluster(tree, MOST_CLASSES, criterion="maxclust"), return_inverse=True)
    return np.asarray(class_of, dtype=np.intp)
