import { Switch as Base } from '@base-ui/react/switch';

interface SwitchProps {
  id?: string;
  /** Read out; leave it out where a label names the switch by its id. */
  label?: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

/** On or off. */
export function Switch(props: SwitchProps) {
  return (
    <Base.Root
      {...(props.id && { id: props.id })}
      aria-label={props.label}
      checked={props.on}
      disabled={props.disabled ?? false}
      onCheckedChange={props.onChange}
      className="relative inline-flex h-5 w-9 shrink-0 cursor-pointer items-center rounded-full border border-faint bg-canvas transition-colors data-[checked]:border-accent data-[checked]:bg-accent data-[disabled]:cursor-default data-[disabled]:opacity-60"
    >
      <Base.Thumb className="size-3.5 translate-x-[2px] rounded-full bg-faint transition-transform data-[checked]:translate-x-[18px] data-[checked]:bg-on-accent" />
    </Base.Root>
  );
}
