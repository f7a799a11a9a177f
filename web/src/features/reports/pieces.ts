/** A part of a bar: how much, and the class of its colour. */
export interface Part {
  value: number;
  color: string;
}

/** The parts of a bar one after the other, in percent of its track, which is `most` long. */
export function piecesOf(
  parts: readonly Part[],
  most: number,
): { begin: number; length: number; color: string }[] {
  const scale = most > 0 ? 100 / most : 0;
  let end = 0;
  return parts
    .filter(({ value }) => value > 0)
    .map(({ value, color }) => {
      const begin = end;
      end += value * scale;
      return { begin, length: value * scale, color };
    });
}
