"""How well the parts of a face are told apart."""

import numpy as np

from clearface.masks import CLASS_COUNT, UNKNOWN, ByteMask


def mean_intersection_over_union(true: ByteMask, found: ByteMask) -> float:
    """How well two maps of the parts of a face agree: in [0, 1], higher is better.

        mean over the classes c in `true` of |found = c and true = c| / |found = c or true = c|

    true, found: uint8 `(H, W)` of `clearface.masks.FaceClass`. Pixels that are `UNKNOWN` in `true` do not count; a class that
    `true` has none of does not either, but for the pixels it takes from others. It is the Jaccard index averaged over classes
    (Everingham et al. 2010), here within one face. NaN where nothing of `true` is known. Raises ValueError where `true` holds
    anything else.
    """
    known = true != UNKNOWN
    if (true[known] >= CLASS_COUNT).any():
        raise ValueError("a map of parts holds FaceClass values and UNKNOWN alone")
    # Whatever else is found where the truth is known is a class of its own, CLASS_COUNT, that is never true.
    pairs = np.minimum(found[known], CLASS_COUNT).astype(np.intp) * CLASS_COUNT + true[known]
    counts = np.bincount(pairs, minlength=(CLASS_COUNT + 1) * CLASS_COUNT).reshape(CLASS_COUNT + 1, CLASS_COUNT)
    shared, in_truth, in_found = np.diag(counts), counts.sum(0), counts.sum(1)[:CLASS_COUNT]
    present = in_truth > 0
    if not present.any():
        return float("nan")
    return float(np.mean(shared[present] / (in_truth + in_found - shared)[present]))
