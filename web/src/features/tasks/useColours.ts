import { type RefObject, useEffect, useRef, useState } from 'react';
import type { ColouredLines } from './colours';
import type { PatchLine } from './patch';
import { grammarOf } from './syntax';

const loadColours = () => import('./colours');

/** The colours of a file's lines, once it comes near to be seen; null until then, and where its kind is not known. */
export function useColours(
  path: string,
  lines: readonly PatchLine[],
): [RefObject<HTMLElement | null>, ColouredLines | null] {
  const file = useRef<HTMLElement>(null);
  const [near, setNear] = useState(false);
  const [coloured, setColoured] = useState<{ lines: readonly PatchLine[]; found: ColouredLines } | null>(
    null,
  );
  const grammar = grammarOf(path);

  useEffect(() => {
    if (!file.current || !grammar) return;
    const watcher = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setNear(true);
      },
      { rootMargin: '600px' },
    );
    watcher.observe(file.current);
    return () => watcher.disconnect();
  }, [grammar]);

  useEffect(() => {
    if (!near || !grammar) return;
    let wanted = true;
    // Without colours it reads just as well: a part that does not come is not worth a word.
    loadColours()
      .then(({ colouredLines }) => {
        if (wanted) setColoured({ lines, found: colouredLines(grammar, lines) });
      })
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [near, grammar, lines]);

  return [file, coloured?.lines === lines ? coloured.found : null];
}
