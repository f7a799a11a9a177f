import clsx from 'clsx';
import { type ComponentProps, type ReactNode, useId } from 'react';

/** The look of everything that is typed into. */
export const INPUT =
  'w-full rounded-control border border-line-strong bg-surface px-2.5 text-body text-ink transition-colors placeholder:text-faint hover:border-faint focus-visible:border-focus focus-visible:outline-1 focus-visible:outline-offset-0 max-desk:text-[16px]';

interface FieldProps {
  label: string;
  hint?: string;
  note?: string;
  /** What is wrong with what was given; said in place of the hint. */
  error?: string | undefined;
}

function Labelled(props: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={props.id} className="text-list font-medium">
        {props.label}
        {props.note && <span className="ml-1.5 font-normal text-faint">{props.note}</span>}
      </label>
      {props.children}
      {(props.error ?? props.hint) && (
        <p
          id={`${props.id}-hint`}
          className={clsx('text-small break-words', props.error ? 'text-failed' : 'text-faint')}
        >
          {props.error ?? props.hint}
        </p>
      )}
    </div>
  );
}

export function TextField(props: FieldProps & ComponentProps<'input'>) {
  const id = useId();
  const { label, hint, note, error, className, ...rest } = props;
  return (
    <Labelled id={id} label={label} error={error} {...(hint && { hint })} {...(note && { note })}>
      <input
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={(error ?? hint) ? `${id}-hint` : undefined}
        className={clsx(INPUT, 'h-9', className)}
      />
    </Labelled>
  );
}

interface NumberFieldProps extends FieldProps {
  /** A whole number from 1 on; null: none. */
  value: number | null;
  most: number;
  onChange: (value: number | null) => void;
}

/** A whole number that may be left out, as a limit. */
export function NumberField({ value, most, onChange, ...rest }: NumberFieldProps) {
  return (
    <TextField
      {...rest}
      type="number"
      min={1}
      max={most}
      step={1}
      value={value ?? ''}
      onChange={({ target }) => onChange(target.value ? target.valueAsNumber : null)}
    />
  );
}

export function TextArea(props: FieldProps & ComponentProps<'textarea'>) {
  const id = useId();
  const { label, hint, note, error, className, ...rest } = props;
  return (
    <Labelled id={id} label={label} error={error} {...(hint && { hint })} {...(note && { note })}>
      <textarea
        rows={4}
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={(error ?? hint) ? `${id}-hint` : undefined}
        className={clsx(INPUT, 'field-sizing-content max-h-[50vh] min-h-[88px] resize-y py-2', className)}
      />
    </Labelled>
  );
}

export function SelectField(props: FieldProps & ComponentProps<'select'>) {
  const id = useId();
  const { label, hint, note, error, className, ...rest } = props;
  return (
    <Labelled id={id} label={label} error={error} {...(hint && { hint })} {...(note && { note })}>
      <select
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={(error ?? hint) ? `${id}-hint` : undefined}
        className={clsx(INPUT, 'h-9 appearance-auto', className)}
      />
    </Labelled>
  );
}
