// The contrast of every piece of text with the ground it stands on, and of every mark of a chart.
() => {
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parts(colour)
      .slice(0, 3)
      .map((level) => level / 255)
      .map((level) => (level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (first, second) => {
    const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("script, style, title, .skip, .visually-hidden")) continue;
    const style = getComputedStyle(element);
    const colour = element.closest("svg") ? style.fill : style.color;
    found.push({ what: element.className?.baseVal ?? element.className, contrast: contrast(colour, ground(element)), least: 4.5 });
  }
  for (const mark of document.querySelectorAll(".line use, .line .through")) {
    const style = getComputedStyle(mark);
    const colour = mark.matches("use") ? style.fill : style.stroke;
    found.push({ what: mark.parentElement.getAttribute("class"), contrast: contrast(colour, ground(mark)), least: 3 });
  }
  return found;
}
