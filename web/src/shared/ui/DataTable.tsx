import clsx from 'clsx';
import type { ReactNode } from 'react';

export interface Column<Line> {
  head: string;
  cell: (line: Line) => ReactNode;
  /** Figures stand below each other at the right. */
  figure?: boolean;
}

interface DataTableProps<Line> {
  label: string;
  columns: readonly Column<Line>[];
  lines: readonly Line[];
}

/** All that was counted, line by line; wider than a phone, it scrolls by itself. */
export function DataTable<Line>({ label, columns, lines }: DataTableProps<Line>) {
  return (
    // What scrolls can be reached by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={label} tabIndex={0} className="max-h-[420px] overflow-auto">
      <table className="w-full border-collapse text-small">
        <thead>
          <tr className="border-b border-line text-left text-faint">
            {columns.map(({ head, figure }) => (
              <th
                key={head}
                scope="col"
                className={clsx('px-3 py-2 font-medium whitespace-nowrap first:pl-4', figure && 'text-right')}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line, place) => (
            <tr key={place} className="border-b border-line align-top last:border-0">
              {columns.map(({ head, cell, figure }) => (
                <td
                  key={head}
                  className={clsx(
                    'px-3 py-1.5 first:pl-4',
                    figure
                      ? 'text-right whitespace-nowrap'
                      : 'max-w-[360px] min-w-[96px] [overflow-wrap:anywhere]',
                  )}
                >
                  {cell(line)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
