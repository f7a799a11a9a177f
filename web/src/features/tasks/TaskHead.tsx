import { X } from 'lucide-react';
import { type SubmitEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Task } from '@/shared/api/types';
import { IconButton } from '@/shared/ui/IconButton';
import { PriorityMark } from '@/shared/ui/PriorityMark';
import { StateBadge } from '@/shared/ui/StateBadge';

interface TaskHeadProps {
  task: Task;
  editable: boolean;
  actions: ReactNode;
  onRename: (title: string) => void;
  onClose: () => void;
}

/** Key, state and title of an open task, and at the right what can be done. */
export function TaskHead(props: TaskHeadProps) {
  const { t } = useTranslation();
  const { task } = props;
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-2 gap-y-2 px-4 py-3 desk:px-5">
      <p className="flex grow flex-wrap items-center gap-x-3 text-list">
        <span className="text-muted">{task.key}</span>
        <StateBadge state={task.state} className="font-medium" />
        <PriorityMark priority={task.priority} word />
      </p>
      <div className="flex items-center gap-2 max-desk:contents">{props.actions}</div>
      <IconButton label={t('common.close')} onClick={props.onClose} className="-mr-1.5">
        <X className="size-4" />
      </IconButton>
      <div className="w-full">
        <Title key={task.id} title={task.title} editable={props.editable} onRename={props.onRename} />
      </div>
    </header>
  );
}

function Title(props: { title: string; editable: boolean; onRename: (title: string) => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<string | null>(null);
  const head = useRef<HTMLHeadingElement>(null);
  // Whoever opens a task by keyboard is in it at once.
  useEffect(() => head.current?.focus({ preventScroll: true }), []);

  const save = () => {
    const title = draft?.trim();
    if (title && title !== props.title) props.onRename(title);
    setDraft(null);
  };

  if (draft !== null) {
    const submit = (event: SubmitEvent) => {
      event.preventDefault();
      save();
    };
    return (
      <form onSubmit={submit}>
        <input
          // eslint-disable-next-line jsx-a11y/no-autofocus -- the person has just asked to edit it
          autoFocus
          aria-label={t('add.title')}
          maxLength={255}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={save}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            setDraft(null);
          }}
          className="-mx-2 w-[calc(100%+16px)] rounded-control border border-line-strong bg-surface px-2 py-0.5 text-title font-semibold"
        />
      </form>
    );
  }
  return (
    <h1 ref={head} tabIndex={-1} className="text-title font-semibold wrap-anywhere">
      {props.editable ? (
        <button
          type="button"
          title={t('task.editTitle')}
          onClick={() => setDraft(props.title)}
          className="-mx-1 cursor-text rounded-control px-1 text-left wrap-anywhere hover:bg-hover"
        >
          {props.title}
        </button>
      ) : (
        props.title
      )}
    </h1>
  );
}
