import clsx from 'clsx';
import { type ComponentProps, useLayoutEffect, useRef } from 'react';

export type ButtonTone = 'primary' | 'plain' | 'quiet' | 'danger';

const TONES: Record<ButtonTone, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover',
  plain: 'border border-line-strong bg-surface text-ink hover:bg-hover',
  quiet: 'text-muted hover:bg-hover hover:text-ink',
  danger: 'bg-failed text-surface hover:brightness-110',
};

/** The classes of a button, for links that look like one. */
export function buttonClass(tone: ButtonTone = 'plain', className?: string): string {
  return clsx(
    'inline-flex h-8 shrink-0 max-desk:h-10 items-center justify-center gap-1.5 rounded-control px-3 text-list font-medium whitespace-nowrap transition-colors select-none',
    'disabled:pointer-events-none disabled:opacity-50 aria-disabled:opacity-50',
    TONES[tone],
    className,
  );
}

export function Button(props: ComponentProps<'button'> & { tone?: ButtonTone }) {
  const { tone, className, ...rest } = props;
  const button = useRef<HTMLButtonElement>(null);
  const had = useRef(false);
  // A button that is disabled for a moment would lose the focus; it gets it back.
  useLayoutEffect(() => {
    if (rest.disabled) had.current ||= document.activeElement === button.current;
    else if (had.current) {
      had.current = false;
      if (document.activeElement === document.body) button.current?.focus({ preventScroll: true });
    }
  }, [rest.disabled]);
  return <button type="button" ref={button} {...rest} className={buttonClass(tone, className)} />;
}
