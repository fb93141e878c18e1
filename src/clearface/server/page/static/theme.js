// Before anything is drawn, so that the page never flashes in other colours; a script of its own, since none may be inline.
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("clearface-colours");
  } catch {
    // Storage is switched off: the system's colours it is.
  }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
