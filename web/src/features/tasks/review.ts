import { useCallback, useEffect, useMemo, useState } from 'react';
import { recall, remember } from '@/shared/storage';

/** A remark on one line of a file, in its new version. */
export interface LineComment {
  path: string;
  line: number;
  body: string;
}

/** Remarks that are gathered until they are sent together. */
export interface Review {
  comments: readonly LineComment[];
  add: (comment: LineComment) => void;
  remove: (comment: LineComment) => void;
  clear: () => void;
}

/** The remarks on a task's change. This browser keeps them when the task or the page is closed. */
export function useReview(taskId: string): Review {
  const storedAs = `aiworker.review.${taskId}`;
  const [comments, setComments] = useState(() => parseComments(recall(storedAs)));
  useEffect(
    () => remember(storedAs, comments.length > 0 ? JSON.stringify(comments) : null),
    [storedAs, comments],
  );
  const add = useCallback((comment: LineComment) => setComments((old) => [...old, comment]), []);
  const remove = useCallback(
    (comment: LineComment) => setComments((old) => old.filter((each) => each !== comment)),
    [],
  );
  const clear = useCallback(() => setComments([]), []);
  return useMemo(() => ({ comments, add, remove, clear }), [comments, add, remove, clear]);
}

/** What was stored, as far as it makes sense: it may have been written by another version, or by hand. */
export function parseComments(stored: string | null): readonly LineComment[] {
  try {
    const found: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(found) ? found.filter(isLineComment) : [];
  } catch {
    return [];
  }
}

function isLineComment(value: unknown): value is LineComment {
  if (typeof value !== 'object' || value === null) return false;
  const { path, line, body } = value as Partial<Record<keyof LineComment, unknown>>;
  return typeof path === 'string' && typeof line === 'number' && typeof body === 'string';
}
