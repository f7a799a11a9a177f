import { type ReactNode, useId } from 'react';

/** One subject of a page: its name, what it is about in a sentence, and a card with its content. */
export function Section(props: {
  title: string;
  text?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const headId = useId();
  return (
    <section aria-labelledby={headId} className="flex flex-col gap-2.5">
      <header className="flex items-end justify-between gap-3">
        <div className="min-w-0">
          <h2 id={headId} className="text-body font-semibold">
            {props.title}
          </h2>
          {props.text && <p className="text-list text-muted">{props.text}</p>}
        </div>
        {props.actions}
      </header>
      <div className="divide-y divide-line rounded-card border border-line bg-surface">{props.children}</div>
    </section>
  );
}

interface RowProps {
  label: string;
  hint?: string | undefined;
  /** What is wrong with what was given. */
  error?: string | undefined;
  /** The control that the label is for. Without it the row only tells something. */
  control?: string;
  children: ReactNode;
}

/** A line of a section: what it is at the left, its value or control at the right; on a phone below each other. */
export function SectionRow(props: RowProps) {
  const { label, hint, error, control } = props;
  return (
    <div className="grid items-start gap-x-6 gap-y-1.5 px-4 py-3 desk:grid-cols-[minmax(0,240px)_minmax(0,1fr)]">
      <div className="min-w-0 desk:pt-[7px]">
        {control ? (
          <label htmlFor={control} className="block text-list font-medium">
            {label}
          </label>
        ) : (
          <p className="text-list font-medium">{label}</p>
        )}
        {hint && (
          <p id={control && `${control}-hint`} className="text-small text-faint">
            {hint}
          </p>
        )}
      </div>
      <div className="flex min-h-[34px] min-w-0 flex-col justify-center text-list">
        {props.children}
        {error && (
          <p id={control && `${control}-error`} className="mt-1 text-small break-words text-failed">
            {error}
          </p>
        )}
      </div>
    </div>
  );
}
