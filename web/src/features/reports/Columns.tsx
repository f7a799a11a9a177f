export interface Column {
  id: string;
  /** On hover: what it stands for, and how much. */
  title: string;
  /** Shares of the height, 0 to 1: how much it was on the whole, and at most. */
  usual: number;
  most: number;
}

const WIDTH = 10;
const HEIGHT = 40;

/** Columns over time: solid what was usual, pale what was the most. `label` says in words what is drawn. */
export function Columns(props: { label: string; columns: readonly Column[] }) {
  const { columns } = props;
  return (
    <svg
      role="img"
      aria-label={props.label}
      viewBox={`0 0 ${Math.max(1, columns.length) * WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-14 w-full border-b border-line-strong text-progress"
    >
      {columns.map(({ id, title, usual, most }, place) => (
        <g key={id} className="hover:opacity-70">
          <title>{title}</title>
          <rect x={place * WIDTH} width={WIDTH} height={HEIGHT} fill="transparent" />
          <Piece place={place} share={most} opacity={0.3} />
          <Piece place={place} share={usual} opacity={1} />
        </g>
      ))}
    </svg>
  );
}

function Piece({ place, share, opacity }: { place: number; share: number; opacity: number }) {
  const height = Math.min(1, Math.max(0, share)) * HEIGHT;
  return (
    <rect
      x={place * WIDTH + 1.5}
      y={HEIGHT - height}
      width={WIDTH - 3}
      height={height}
      fill="currentColor"
      opacity={opacity}
    />
  );
}
