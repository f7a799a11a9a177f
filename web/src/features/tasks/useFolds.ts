import { useCallback, useState } from 'react';
import { recall, remember } from '@/shared/storage';
import { COLUMNS, type ColumnId } from './board';

const STORED_AS = 'aiworker.folded';
const AT_FIRST = 'cancelled';

export type Folds = ReadonlySet<ColumnId>;

/** The columns that the person has folded, cancelled tasks at first; this browser remembers them. */
export function useFolds(): [Folds, (column: ColumnId, folded: boolean) => void] {
  const [folds, setFolds] = useState(() => readFolds(recall(STORED_AS)));
  const fold = useCallback((column: ColumnId, folded: boolean) => {
    setFolds((old) => {
      const next = new Set(old);
      if (folded) next.add(column);
      else next.delete(column);
      remember(STORED_AS, [...next].join(' '));
      return next;
    });
  }, []);
  return [folds, fold];
}

export function readFolds(stored: string | null): Folds {
  const named = new Set((stored ?? AT_FIRST).split(' '));
  return new Set(COLUMNS.map(({ id }) => id).filter((id) => named.has(id)));
}
