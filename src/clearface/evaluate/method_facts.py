"""What the methods of an evaluation are, and what they take."""

from dataclasses import replace
from functools import partial

import numpy as np

from clearface.arrays import FloatArray, as_bytes
from clearface.evaluate.costs.costs import measure_cost, network_checksums
from clearface.evaluate.engine import Measured, ShowProgress
from clearface.evaluate.groups import groups_of
from clearface.evaluate.measuring import Tools
from clearface.evaluate.methods import Method
from clearface.evaluate.planning import output_names
from clearface.evaluate.results import INPUT, Cost, MethodFacts
from clearface.evaluate.settings import EvaluationSettings, PairedFolders, SharpFolder
from clearface.faces import resize_transform
from clearface.restorers.registry import RESTORERS, build_restorer
from clearface.squares import Square, take_square

_FACES_TIMED = 3


def method_facts(
    settings: EvaluationSettings, tools: Tools, measured: Measured, show: ShowProgress
) -> tuple[MethodFacts, ...]:
    """Every method that is in the rows, with what it costs at each size of the tests.

    Each is timed alone, so nothing else should be running. Raises what `measure_cost` raises.
    """
    faces = _faces_to_time(settings, measured)
    facts = [MethodFacts(INPUT, "the faces as the methods are given them")]
    with show("methods timed", len(faces) * len(tools.methods)) as advance:
        for method in tools.methods:
            costs = []
            for batch in faces:
                costs.append(_cost(method, batch))
                advance(1)
            facts.append(
                MethodFacts(
                    method.spec.name,
                    _summary(method),
                    network_checksums(method.restorer),
                    tuple(costs),
                    method.spec.true_kernel,
                )
            )
    if isinstance(settings.source, PairedFolders):
        facts += [
            MethodFacts(name, "pictures that were given, made by another program")
            for name in output_names(settings.source)
        ]
    named = {row.method for row in measured.rows}
    return tuple(fact for fact in facts if fact.name in named)


def _summary(method: Method) -> str:
    entry = next(entry for entry in RESTORERS if entry.name == method.spec.restorer)
    if method.spec.true_kernel:
        return f"{entry.summary}; told the kernel each face was blurred with"
    if "point_spread_function" in entry.takes and method.spec.options.point_spread_function is None:
        return f"{entry.summary}; no blur was named, so that it undoes an even average over 5x5 pixels"
    return entry.summary


def _faces_to_time(settings: EvaluationSettings, measured: Measured) -> list[FloatArray]:
    """Some faces of each size that is measured: of square faces, since methods are timed on these."""
    sizes: dict[int, FloatArray] = {}
    for unit in measured.units if isinstance(settings.source, SharpFolder) else measured.units[:1]:
        test = next((test for test in settings.tests if test.name == unit.test), None)
        if test is not None and test.size in sizes:
            continue
        group = next(iter(groups_of(unit, settings, ())))
        batch = next(iter(group.shown()))[1]
        height, width = batch.after.shape[1:3]
        if height == width:
            sizes.setdefault(width, batch.after[:_FACES_TIMED])
    return [sizes[size] for size in sorted(sizes)]


def _cost(method: Method, faces: FloatArray) -> Cost:
    """Of faces at the size the method works at for theirs."""
    side = faces.shape[1]
    size = method.restorer.working_size(float(side))
    square = Square(resize_transform(size / side), size)
    worked = faces if size == side else np.stack([take_square(as_bytes(face), square) for face in faces])
    cost = measure_cost(partial(build_restorer, method.spec.restorer, method.spec.options), worked)
    return replace(cost, size=side)
