// Files in one ZIP archive, stored as they are: photos do not get smaller.

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function checksum(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ table[(value ^ byte) & 0xff];
  return (value ^ 0xffffffff) >>> 0;
}

/** Numbers as little-endian bytes; each comes with how many. */
function packed(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [, size]) => sum + size, 0)));
  let place = 0;
  for (const [value, size] of fields) {
    if (size === 2) view.setUint16(place, value, true);
    else view.setUint32(place, value, true);
    place += size;
  }
  return new Uint8Array(view.buffer);
}

/** The same names, each but once: "a.jpg", "a (2).jpg"; no folders in them. */
export function distinct(names) {
  const taken = new Set();
  return names.map((name) => {
    const plain = name.replace(/[\\/:*?"<>|\u0000-\u001f]/g, "_").replace(/^\.+/, "_") || "photo";
    const [, stem, extension] = /^(.*?)(\.[^.]*)?$/s.exec(plain);
    let chosen = plain;
    for (let number = 2; taken.has(chosen.toLowerCase()); number += 1) chosen = `${stem} (${number})${extension ?? ""}`;
    taken.add(chosen.toLowerCase());
    return chosen;
  });
}

/**
 * @param {{name: string, blob: Blob}[]} files fewer than 65,536 and 4 GB together, as far as plain ZIP goes
 * @returns {Promise<Blob>}
 */
export async function zipped(files) {
  const now = new Date();
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const day = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  const parts = [];
  const directory = [];
  const names = distinct(files.map((file) => file.name));
  let place = 0;
  for (const [index, { blob }] of files.entries()) {
    const name = new TextEncoder().encode(names[index]);
    const sum = checksum(new Uint8Array(await blob.arrayBuffer()));
    // Version 2.0; names are UTF-8; stored.
    const sizes = [[blob.size, 4], [blob.size, 4], [name.length, 2], [0, 2]];
    const facts = [[20, 2], [0x800, 2], [0, 2], [time, 2], [day, 2], [sum, 4], ...sizes];
    const header = packed([0x04034b50, 4], ...facts);
    parts.push(header, name, blob);
    directory.push(packed([0x02014b50, 4], [20, 2], ...facts, [0, 2], [0, 2], [0, 2], [0, 4], [place, 4]), name);
    place += header.length + name.length + blob.size;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = packed([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [length, 4], [place, 4], [0, 2]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
