/** A figure at a moment (milliseconds since 1970); null where nothing was measured. */
export interface Point {
  at: number;
  value: number | null;
}

const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The least round number that is not below any of the figures: the top of a scale; 1 where there is nothing to draw. */
export function topOf(values: readonly number[]): number {
  const most = values.reduce((top, value) => Math.max(top, value), 0);
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return (STEPS.find((step) => step * power >= most) ?? 10) * power;
}

/**
 * A line through points as the `d` of an SVG path in a box of 100 by 100; it is broken where two points lie further
 * apart than `reach` milliseconds, and where nothing was measured.
 */
export function lineOf(
  points: readonly Point[],
  span: { from: number; to: number; top: number; reach: number },
): string {
  let before: number | null = null;
  const parts: string[] = [];
  for (const { at, value } of points) {
    if (value === null) {
      before = null;
      continue;
    }
    const x = round(placeOf(at, span));
    const y = round(100 - (100 * Math.min(value, span.top)) / span.top);
    const goesOn = before !== null && at - before <= span.reach;
    // A point that stands alone is drawn, too: as a line of no length with round ends.
    parts.push(goesOn ? `L${x},${y}` : `M${x},${y}h0`);
    before = at;
  }
  return parts.join('');
}

/** Where a moment lies, in percent of the span. */
export function placeOf(at: number, { from, to }: { from: number; to: number }): number {
  return Math.min(100, Math.max(0, (100 * (at - from)) / Math.max(1, to - from)));
}

/** The place in the list of the moment that is next to a place (in percent) of the span. */
export function nearest(
  moments: readonly number[],
  percent: number,
  span: { from: number; to: number },
): number {
  let best = 0;
  for (const [place, at] of moments.entries()) {
    const far = Math.abs(placeOf(at, span) - percent);
    if (far < Math.abs(placeOf(moments[best] ?? 0, span) - percent)) best = place;
  }
  return best;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
