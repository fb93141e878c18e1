"""Charts as pictures of their own, beside a text."""

from xml.sax.saxutils import escape

from clearface.evaluate.report.charts import BOTTOM, HEIGHT, LEFT, RIGHT, STYLES, TOP, WIDTH, Chart

_ROW = 18
_LEGEND_TOP = HEIGHT + 6
_COLOURS = ("#0b66c3", "#c24d14", "#0b8257", "#a03d9c", "#8c6a00", "#1c8ba3", "#cc3366", "#5b5dbb")
_COLOURS_AT_NIGHT = ("#6cb0fb", "#ff9c69", "#52d0a0", "#e295df", "#e0bc52", "#63d2e6", "#ff8fb0", "#aaacff")
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "5 2", "1 3", "12 4", "6 2 2 2")
"""Lines differ in more than their colours."""


def chart_as_svg(chart: Chart) -> bytes:
    """A chart with its title and legend, in light or dark colours as the reader's screen has them."""
    height = _LEGEND_TOP + _ROW * len(chart.lines) + 8
    middle = (LEFT + RIGHT) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -22 {WIDTH} {height + 22}" role="img" width="{WIDTH * 1.5:g}">',
        f"<title>{escape(chart.title)}</title><desc>{escape(chart.description)}</desc>",
        f"<style>{_style()}</style>",
        f'<rect class="page" x="0" y="-22" width="{WIDTH}" height="{height + 22}"/>',
        f'<text class="ink title" x="{middle:g}" y="-6" text-anchor="middle">{escape(chart.title)}</text>',
        *(f'<path class="grid" d="M{LEFT} {tick.place:g}H{RIGHT}"/>' for tick in chart.y_ticks),
        f'<path class="axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>',
        *(
            f'<path class="axis" d="M{tick.place:g} {BOTTOM}v4"/>'
            f'<text class="ink" x="{tick.place:g}" y="{BOTTOM + 16}" text-anchor="middle">{escape(tick.label)}</text>'
            for tick in chart.x_ticks
        ),
        *(
            f'<text class="ink" x="{LEFT - 6}" y="{tick.place + 4:g}" text-anchor="end">{escape(tick.label)}</text>'
            for tick in chart.y_ticks
        ),
        _label(chart.x_label, f'x="{middle:g}" y="{HEIGHT - 10}"'),
        _label(chart.y_label, f'transform="translate(12 {(TOP + BOTTOM) / 2:g}) rotate(-90)"'),
    ]
    for number, line in enumerate(chart.lines):
        style = number if line.style is None else line.style
        dashes = _DASHES[style % len(_DASHES)]
        drawn = f'class="line s{style % STYLES}"' + (f' stroke-dasharray="{dashes}"' if dashes else "")
        parts.append(f'<path {drawn} d="{line.path}"/>')
        for mark in line.marks:
            if mark.low is not None and mark.high is not None:
                parts.append(f'<path class="whisker s{style % STYLES}" d="M{mark.x:g} {mark.low:g}V{mark.high:g}"/>')
            parts.append(
                f'<circle class="mark s{style % STYLES}" cx="{mark.x:g}" cy="{mark.y:g}" r="3">'
                f"<title>{escape(mark.title)}</title></circle>"
            )
        below = _LEGEND_TOP + _ROW * number
        parts.append(f'<path {drawn} d="M{LEFT} {below}h28"/>')
        parts.append(f'<text class="ink" x="{LEFT + 36}" y="{below + 4}">{escape(line.name)}</text>')
    return "\n".join([*parts, "</svg>\n"]).encode("utf-8", "backslashreplace")


def _label(text: str, place: str) -> str:
    return f'<text class="ink" {place} text-anchor="middle">{escape(text)}</text>'


def _style() -> str:
    day, night = (
        "".join(f".s{number}{{stroke:{colour};fill:{colour}}}" for number, colour in enumerate(colours))
        for colours in (_COLOURS, _COLOURS_AT_NIGHT)
    )
    return (
        "text{font:11px sans-serif}.title{font-size:13px}.page{fill:#fff}"
        ".ink{fill:#1d2733}.grid{stroke:#d8dee6;fill:none}.axis{stroke:#5d6b7a;fill:none}"
        f"{day}.line{{fill:none;stroke-width:2}}.whisker{{fill:none;opacity:.6}}"
        "@media(prefers-color-scheme:dark){.page{fill:#12171d}.ink{fill:#e6ebf1}.grid{stroke:#2b343e}.axis{stroke:#93a1b0}"
        f"{night}.line{{fill:none}}.whisker{{fill:none}}}}"
    )
