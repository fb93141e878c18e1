// Whether two boxes are of the same face.

/** How much of two boxes both have, as a part of what they cover together. */
function shared([left, top, right, bottom], other) {
  const area = ([a, b, c, d]) => Math.max(0, c - a) * Math.max(0, d - b);
  const corners = [Math.max(left, other[0]), Math.max(top, other[1]), Math.min(right, other[2]), Math.min(bottom, other[3])];
  const both = area(corners);
  return both / (area([left, top, right, bottom]) + area(other) - both);
}

const ALIKE = 0.6; // What two boxes of the same face share at least,
export const CLOSE = 0.2; // and what those share at most that have nothing to do with each other.

/** What the boxes of two faces share, 0 to 1. */
export const overlap = (one, other) => (one.frame === other.frame ? shared(one.box, other.box) : 0);

/** The one of some faces that lies nearest to where a face was; null where none does. */
export function nearest(old, faces, least = ALIKE) {
  const best = faces.toSorted((one, other) => overlap(other, old) - overlap(one, old)).at(0);
  return best && overlap(best, old) >= least ? best : null;
}
