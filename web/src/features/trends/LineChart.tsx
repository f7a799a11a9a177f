import clsx from 'clsx';
import { type PointerEvent, useId, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { type Column, DataTable } from '@/shared/ui/DataTable';
import { lineOf, nearest, placeOf, topOf } from './scale';

interface Series {
  name: string;
  /** The class of its colour. */
  color: string;
  /** Filled below, where there is only one. */
  filled?: boolean;
  dashed?: boolean;
  /** A figure for each of the chart's moments; null where nothing was measured. */
  values: readonly (number | null)[];
}

export interface Chart {
  title: string;
  /** Milliseconds since 1970, oldest first. */
  moments: readonly number[];
  series: readonly Series[];
  /** How far apart two moments may lie and still be joined. */
  reach: number;
  /** What the scale reaches at least up to. */
  least?: number;
  format: (value: number) => string;
}

interface LineChartProps {
  chart: Chart;
  span: { from: number; to: number };
  /** A moment as it is told below the chart, and beside its figures. */
  told: { axis: (at: number) => string; exact: (at: number) => string };
  nothing: string;
}

/** Lines over time. What is drawn is read out point by point, by pointer, touch or arrow keys, and stands in a table. */
export function LineChart({ chart, span, told, nothing }: LineChartProps) {
  const { t } = useTranslation();
  const headId = useId();
  const { title, moments, series, format } = chart;
  const [chosen, setChosen] = useState<number | null>(null);
  const place = chosen === null ? moments.length - 1 : Math.min(chosen, moments.length - 1);
  const at = moments[place];
  const top = Math.max(
    chart.least ?? 0,
    topOf(series.flatMap(({ values }) => values.filter((one) => one !== null))),
  );
  const said = (index: number) =>
    series
      .map(({ name, values }) => {
        const value = values[index] ?? null;
        return `${series.length > 1 ? `${name} ` : ''}${value === null ? '–' : format(value)}`;
      })
      .join(' · ');
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setChosen(nearest(moments, (100 * (event.clientX - left)) / Math.max(1, width), span));
  };
  return (
    <section aria-labelledby={headId} className="flex min-w-0 flex-col gap-1.5 px-4 py-3">
      <header className="flex min-h-9 flex-wrap items-baseline justify-between gap-x-3">
        <h3 id={headId} className="text-list font-medium">
          {title}
        </h3>
        {at !== undefined && (
          <p className="text-small text-muted tabular-nums">
            {chosen !== null && <span className="text-faint">{told.exact(at)} · </span>}
            {said(place)}
          </p>
        )}
      </header>
      {at === undefined ? (
        <p className="flex h-28 items-center text-list text-faint">{nothing}</p>
      ) : (
        <>
          <div
            className="relative h-28 rounded-[3px] outline-offset-2 outline-focus has-[:focus-visible]:outline-2"
            onPointerMove={onPointerMove}
            onPointerLeave={() => setChosen(null)}
          >
            <Lines chart={chart} span={span} top={top} />
            {chosen !== null && (
              <span
                aria-hidden
                className="pointer-events-none absolute inset-y-0 w-px bg-faint"
                style={{ left: `${placeOf(at, span)}%` }}
              />
            )}
            <span
              aria-hidden
              className="pointer-events-none absolute top-0 left-0 bg-surface/80 pr-1 text-small text-faint"
            >
              {format(top)}
            </span>
            <input
              type="range"
              aria-label={title}
              aria-valuetext={`${told.exact(at)}: ${said(place)}`}
              min={0}
              max={moments.length - 1}
              value={place}
              onChange={(event) => setChosen(Number(event.target.value))}
              onBlur={() => setChosen(null)}
              className="absolute inset-0 size-full cursor-crosshair touch-pan-y opacity-0"
            />
          </div>
          <p aria-hidden className="flex justify-between text-small text-faint tabular-nums">
            <span>{told.axis(span.from)}</span>
            <span>{told.axis((span.from + span.to) / 2)}</span>
            <span>{told.axis(span.to)}</span>
          </p>
        </>
      )}
      {series.length > 1 && at !== undefined && (
        <p className="flex flex-wrap gap-x-4 text-small text-muted">
          {series.map((each) => (
            <span key={each.name} className="inline-flex items-center gap-1.5">
              <svg aria-hidden viewBox="0 0 16 8" className={clsx('h-2 w-4', each.color)}>
                <path
                  d="M0,4h16"
                  stroke="currentColor"
                  strokeWidth="2"
                  strokeDasharray={each.dashed ? '3 3' : undefined}
                />
              </svg>
              {each.name}
            </span>
          ))}
        </p>
      )}
      {at !== undefined && (
        <details className="text-small">
          <summary className="py-0.5 text-faint hover:text-ink">{t('trends.table')}</summary>
          <DataTable
            label={title}
            columns={columns(chart, t('trends.time'), told.exact)}
            lines={moments.map((_, index) => index)}
          />
        </details>
      )}
    </section>
  );
}

function Lines({ chart, span, top }: { chart: Chart; span: LineChartProps['span']; top: number }) {
  const box = { ...span, top, reach: chart.reach };
  return (
    <svg
      aria-hidden
      viewBox="-0.4 -2 100.8 104"
      preserveAspectRatio="none"
      className="absolute inset-0 size-full border-b border-line-strong"
    >
      {[25, 50, 75].map((y) => (
        <path
          key={y}
          d={`M0,${y}h100`}
          className="stroke-line"
          strokeWidth="1"
          vectorEffect="non-scaling-stroke"
        />
      ))}
      {chart.series.map(({ name, color, filled, dashed, values }) => {
        const points = chart.moments.map((at, index) => ({ at, value: values[index] ?? null }));
        const line = lineOf(points, box);
        return (
          <g key={name} className={color} fill="none" stroke="currentColor">
            {filled && <Area line={line} />}
            <path
              d={line}
              strokeWidth="1.75"
              strokeLinecap="round"
              strokeLinejoin="round"
              strokeDasharray={dashed ? '4 4' : undefined}
              vectorEffect="non-scaling-stroke"
            />
            <path d={loneOf(line)} strokeWidth="5" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
          </g>
        );
      })}
    </svg>
  );
}

/** The points that are joined to none: without their own dots they would hardly be seen. */
function loneOf(line: string): string {
  return line
    .split('M')
    .filter((piece) => piece && !piece.includes('L'))
    .map((piece) => `M${piece}`)
    .join('');
}

/** What lies below a line: each of its unbroken pieces is closed down to the bottom. */
function Area({ line }: { line: string }) {
  const closed = line
    .split('M')
    .filter(Boolean)
    .map((piece) => {
      const [begin = '0'] = piece.split(',');
      const end = /([\d.]+),[\d.]+(?:h0)?$/.exec(piece)?.[1] ?? begin;
      return `M${piece}L${end},100L${begin},100Z`;
    });
  return <path d={closed.join('')} fill="currentColor" stroke="none" opacity="0.14" />;
}

function columns(chart: Chart, time: string, exact: (at: number) => string): Column<number>[] {
  return [
    { head: time, cell: (index) => exact(chart.moments[index] ?? 0) },
    ...chart.series.map(({ name, values }) => ({
      head: name,
      cell: (index: number) => {
        const value = values[index] ?? null;
        return value === null ? '–' : chart.format(value);
      },
      figure: true,
    })),
  ];
}
