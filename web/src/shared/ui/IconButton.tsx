import clsx from 'clsx';
import type { ComponentProps } from 'react';

/** A button that is only a picture; its label is read out and shown on hover. */
export function IconButton(props: ComponentProps<'button'> & { label: string }) {
  const { label, className, ...rest } = props;
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        'inline-flex size-7 max-desk:size-9 shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-hover hover:text-ink',
        className,
      )}
    />
  );
}
