import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { CopyLine } from '@/shared/ui/CopyLine';
import { connectCommand } from './connectCommand';
import { NewProjectDialog } from './NewProjectDialog';

/** An empty board shows the ways in, with commands ready to copy. */
export function FirstSteps(props: { project: string | null; onAddTask: () => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  return (
    <div className="overflow-y-auto px-4 pb-8">
      <ol className="mx-auto flex max-w-[640px] flex-col gap-8 pt-6 desk:pt-12">
        {props.project === null && (
          <Step number={1} title={t('empty.noProject')} text={t('empty.noProjectText')}>
            <Button
              tone="primary"
              className="self-start"
              disabled={!may('projects')}
              onClick={() => setCreating(true)}
            >
              {t('project.create')}
            </Button>
            <CopyLine text="aiworker project add Shop --repo /home/me/code/shop" />
          </Step>
        )}
        <Step number={props.project ? 1 : 2} title={t('empty.noTask')} text={t('empty.noTaskText')}>
          {props.project && (
            <Button tone="primary" className="self-start" disabled={!may('tasks')} onClick={props.onAddTask}>
              {t('board.addTo')}
            </Button>
          )}
          <CopyLine
            text={`aiworker task add ${props.project ?? 'SHOP'} "Checkout rejects valid postal codes"`}
          />
        </Step>
        <Step number={props.project ? 2 : 3} title={t('empty.import')} text={t('empty.importText')}>
          <CopyLine text={`aiworker task import ${props.project ?? 'SHOP'}`} />
        </Step>
        <Step number={props.project ? 3 : 4} title={t('empty.connect')} text={t('empty.connectText')}>
          <CopyLine text={connectCommand()} />
        </Step>
      </ol>
      <NewProjectDialog
        open={creating}
        onCreated={(project) => {
          setCreating(false);
          void navigate({ to: '/board', search: { project } });
        }}
        onClose={() => setCreating(false)}
      />
    </div>
  );
}

function Step(props: { number: number; title: string; text: string; children: ReactNode }) {
  return (
    <li className="flex gap-4">
      <span
        aria-hidden
        className="flex size-6 shrink-0 items-center justify-center rounded-full border border-line-strong text-small text-muted"
      >
        {props.number}
      </span>
      <div className="flex min-w-0 grow flex-col gap-2.5">
        <h2 className="text-body leading-6 font-semibold">{props.title}</h2>
        <p className="-mt-1.5 text-list text-muted">{props.text}</p>
        {props.children}
      </div>
    </li>
  );
}
