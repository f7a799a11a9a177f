import { partsOf } from '@/shared/i18n/quotations';

/** A sentence in which the words of others (git, a program) stand apart, on lines of their own. */
export function Quoting({ text }: { text: string }) {
  return partsOf(text).map((part, place) =>
    place % 2 === 1 ? (
      <q
        key={place}
        className="my-1 block border-l-2 border-current/40 pl-2 font-mono text-small [overflow-wrap:anywhere] whitespace-pre-wrap [quotes:none]"
      >
        {part}
      </q>
    ) : // What ended the sentence would stand alone below the quotation.
    place > 0 && part === '.' ? null : (
      part
    ),
  );
}
