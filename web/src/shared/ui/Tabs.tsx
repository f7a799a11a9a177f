import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

interface TabsProps<Id extends string> {
  label: string;
  tabs: readonly { id: Id; text: string }[];
  chosen: Id;
  onChoose: (id: Id) => void;
  /** The chosen tab's content. */
  children: ReactNode;
}

/** Parts of one thing, one shown at a time; arrow keys move between them. */
export function Tabs<Id extends string>(props: TabsProps<Id>) {
  return (
    <Base.Root
      value={props.chosen}
      onValueChange={(id) => props.onChoose(id as Id)}
      className="flex min-h-0 grow flex-col"
    >
      <Base.List
        aria-label={props.label}
        className="flex shrink-0 gap-5 overflow-x-auto overflow-y-hidden border-b border-line px-4 [scrollbar-width:none] max-desk:gap-4 desk:px-5"
      >
        {props.tabs.map((tab) => (
          <Base.Tab
            key={tab.id}
            value={tab.id}
            className="h-9 shrink-0 border-b-2 whitespace-nowrap border-transparent text-list text-muted transition-colors hover:text-ink data-[active]:border-accent data-[active]:font-medium data-[active]:text-ink"
          >
            {tab.text}
          </Base.Tab>
        ))}
      </Base.List>
      <Base.Panel
        value={props.chosen}
        className="min-h-0 grow overflow-y-auto px-4 py-4 pb-[calc(16px+env(safe-area-inset-bottom))] outline-none desk:px-5"
      >
        {props.children}
      </Base.Panel>
    </Base.Root>
  );
}
