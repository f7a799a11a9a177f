import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';

interface SegmentsProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly { value: Value; text: string }[];
  onChoose: (value: Value) => void;
}

/** One of a few, all in sight; arrow keys move between them. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  return (
    <ToggleGroup
      aria-label={props.label}
      value={[props.value]}
      onValueChange={([value]) => value && props.onChoose(value)}
      className="inline-flex max-w-full self-start overflow-x-auto rounded-control border border-line-strong bg-canvas p-0.5"
    >
      {props.choices.map((choice) => (
        <Toggle
          key={choice.value}
          value={choice.value}
          className="h-7 rounded-[4px] px-3 text-list whitespace-nowrap text-muted transition-colors hover:text-ink data-[pressed]:bg-surface data-[pressed]:font-medium data-[pressed]:text-ink data-[pressed]:ring-1 data-[pressed]:ring-line-strong max-desk:h-9"
        >
          {choice.text}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
