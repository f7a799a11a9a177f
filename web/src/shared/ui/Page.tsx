import { Info } from 'lucide-react';
import { type ReactNode, useContext, useEffect } from 'react';
import { Waiting } from './waiting';

interface PageProps {
  title: string;
  /** How many there are. */
  count?: number;
  /** Beside the title, at its right. */
  tools?: ReactNode;
  actions?: ReactNode;
  /** Short notes about what is shown; false ones are left out. */
  notes?: readonly (string | false | undefined)[];
  children: ReactNode;
}

/** A page's head and the rest below it; its title is the tab's too, with how much waits for the person. */
export function Page(props: PageProps) {
  const { title, count } = props;
  const waiting = useContext(Waiting);
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${title} · AiWorker`;
  }, [title, waiting]);
  return (
    <main id="page" tabIndex={-1} className="relative flex min-h-0 min-w-0 grow flex-col outline-none">
      <header className="flex h-14 shrink-0 items-center gap-3 px-4">
        <h1 className="text-title font-semibold whitespace-nowrap">{title}</h1>
        {count !== undefined && <span className="text-body text-faint">{count}</span>}
        {props.tools}
        <span className="grow" />
        {props.actions}
      </header>
      {props.notes?.map(
        (note) =>
          note && (
            <p key={note} className="flex shrink-0 items-center gap-2 px-4 pb-2 text-list text-muted">
              <Info aria-hidden className="size-4 shrink-0" />
              {note}
            </p>
          ),
      )}
      {props.children}
    </main>
  );
}
