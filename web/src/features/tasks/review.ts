import { useCallback, useMemo, useState } from 'react';

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

export function useReview(): Review {
  const [comments, setComments] = useState<readonly LineComment[]>([]);
  const add = useCallback((comment: LineComment) => setComments((old) => [...old, comment]), []);
  const remove = useCallback(
    (comment: LineComment) => setComments((old) => old.filter((each) => each !== comment)),
    [],
  );
  const clear = useCallback(() => setComments([]), []);
  return useMemo(() => ({ comments, add, remove, clear }), [comments, add, remove, clear]);
}
