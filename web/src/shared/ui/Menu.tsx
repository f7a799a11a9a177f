import { Menu as Base } from '@base-ui/react/menu';
import clsx from 'clsx';
import { Check } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';

const ITEM =
  'flex min-h-8 w-full cursor-pointer items-center gap-2 rounded-control px-2 text-list outline-none select-none data-[highlighted]:bg-hover data-[disabled]:cursor-default data-[disabled]:opacity-50 max-desk:min-h-10';

const LABEL = 'px-2 pt-1.5 pb-1 text-small text-faint';
const POPUP =
  'max-h-[min(70vh,var(--available-height))] min-w-[200px] max-w-[min(340px,calc(100vw-16px))] origin-(--transform-origin) overflow-y-auto rounded-card bg-raised p-1 shadow-float transition-opacity outline-none data-[ending-style]:opacity-0 data-[starting-style]:opacity-0';

/** A list of things to do, behind a button. */
export function Menu(props: { trigger: ReactElement; children: ReactNode; align?: 'start' | 'end' }) {
  return (
    <Base.Root>
      <Base.Trigger render={props.trigger} />
      <Base.Portal>
        <Base.Positioner
          align={props.align ?? 'end'}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 outline-none"
        >
          <Base.Popup className={POPUP}>{props.children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** The same beside any element, for lists that have one menu for all their items. */
export function AnchoredMenu(props: {
  open: boolean;
  anchor: HTMLElement | null;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Base.Root open={props.open} onOpenChange={(open) => open || props.onClose()}>
      <Base.Portal>
        <Base.Positioner
          anchor={props.anchor}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 outline-none"
        >
          <Base.Popup finalFocus={{ current: props.anchor }} className={POPUP}>
            {props.children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem(props: {
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Base.Item
      className={clsx(ITEM, props.danger && 'text-failed')}
      disabled={props.disabled ?? false}
      onClick={props.onSelect}
    >
      {props.icon && <span className="flex size-4 items-center justify-center">{props.icon}</span>}
      {props.children}
    </Base.Item>
  );
}

/** One of several; the chosen one is ticked. */
export function MenuChoices<Value extends string>(props: {
  label: string;
  value: Value;
  choices: readonly { value: Value; text: ReactNode }[];
  onChoose: (value: Value) => void;
}) {
  return (
    <Base.RadioGroup value={props.value} onValueChange={(value) => props.onChoose(value as Value)}>
      <Base.Group>
        <Base.GroupLabel className={LABEL}>{props.label}</Base.GroupLabel>
        {props.choices.map((choice) => (
          <Base.RadioItem key={choice.value} value={choice.value} closeOnClick className={ITEM}>
            <span className="min-w-0 grow truncate">{choice.text}</span>
            <Base.RadioItemIndicator>
              <Check aria-hidden className="size-4 text-link" />
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.Group>
    </Base.RadioGroup>
  );
}

/** A head above some items. */
export function MenuLabel(props: { children: ReactNode }) {
  return (
    <p aria-hidden className={LABEL}>
      {props.children}
    </p>
  );
}

export function MenuLine() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}
