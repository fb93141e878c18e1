"""What an evaluation found, in a few lines for the terminal."""

from clearface.evaluate.results import FEWEST_FACES, INPUT, RANKED_BY, Evaluation, Summary, TestFacts


def in_words(evaluation: Evaluation) -> list[str]:
    """For each test the first metric of every method: its mean, the gain with its 95% interval, and how many got better."""
    metric = next((metric for key in RANKED_BY for metric in evaluation.metrics if metric.key == key), None)
    if metric is None:
        return []
    lines = []
    for test in evaluation.tests:
        found = [each for each in evaluation.summaries if each.test == test.name and each.metric == metric.key]
        unit = f" {metric.unit}" if metric.unit else ""
        lines.append(f"{test.name}: {_counted(test)}, {metric.label}{unit}, {metric.better.value} is better")
        width = max((len(each.method) for each in found), default=0)
        lines += [f"  {each.method:<{width}}  {_figures(each, metric.digits)}" for each in found]
    if any(0 < test.faces < FEWEST_FACES for test in evaluation.tests):
        lines.append(f"On fewer than {FEWEST_FACES} faces nothing can be told for certain.")
    return lines


def _counted(test: TestFacts) -> str:
    return f"{test.faces} face{'' if test.faces == 1 else 's'}"


def _figures(summary: Summary, digits: int) -> str:
    figure = f"{summary.value.mean:.{digits}f}"
    if summary.method == INPUT or summary.gain is None:
        return figure
    gain = summary.gain
    if gain.count < 2:
        return f"{figure}  {gain.mean:+.{digits}f}"
    bounds = f"{gain.low:+.{digits}f} to {gain.high:+.{digits}f}"
    share = "" if summary.better is None else f", better on {100 * summary.better:.0f}%"
    return f"{figure}  {gain.mean:+.{digits}f} ({bounds}){share}"
