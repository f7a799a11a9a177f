import type { ReactNode } from 'react';
import { type Part, piecesOf } from './pieces';

export interface Bar {
  id: string;
  label: ReactNode;
  /** More about it, below the label. */
  note?: ReactNode;
  /** What it comes to, in words: what is drawn can be read, too. */
  value: ReactNode;
  /** Pieces one after the other, in the unit of `most`. */
  parts: readonly Part[];
}

/** Bars beside each other's names, the longest as long as there is room. The words say all that is drawn. */
export function Bars(props: { label: string; bars: readonly Bar[]; most: number }) {
  return (
    <ul aria-label={props.label} className="flex flex-col gap-2.5">
      {props.bars.map((bar) => (
        <li
          key={bar.id}
          className="grid items-center gap-x-4 gap-y-1 text-list desk:grid-cols-[minmax(0,340px)_minmax(0,1fr)_220px]"
        >
          <span className="min-w-0">
            <span className="block [overflow-wrap:anywhere]">{bar.label}</span>
            {bar.note && <span className="block text-small break-words text-muted">{bar.note}</span>}
          </span>
          <Track bar={bar} most={props.most} />
          <span className="text-muted tabular-nums max-desk:text-small desk:text-right">{bar.value}</span>
        </li>
      ))}
    </ul>
  );
}

function Track({ bar, most }: { bar: Bar; most: number }) {
  return (
    <svg
      aria-hidden
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      className="h-3 w-full rounded-[3px] bg-hover"
    >
      {piecesOf(bar.parts, most).map(({ begin, length, color }) => (
        <rect key={color} x={begin} width={length} height="8" fill="currentColor" className={color} />
      ))}
    </svg>
  );
}
