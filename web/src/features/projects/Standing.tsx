import clsx from 'clsx';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Project, ProjectStatus } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { TextField } from '@/shared/ui/Field';
import { Section } from '@/shared/ui/Section';

interface StandingProps {
  project: Project;
  allowed: boolean;
  busy: boolean;
  onMove: (status: ProjectStatus, said: string) => void;
  onDelete: () => void;
}

const COLORS = { active: 'text-approved', paused: 'text-input', archived: 'text-faint' } as const;

/** Active, paused or archived, what that means, and the way to each other. */
export function Standing(props: StandingProps) {
  const { t } = useTranslation();
  const { project, allowed, busy, onMove } = props;
  const { status, name } = project;
  const [asking, setAsking] = useState<'archive' | 'delete' | null>(null);
  const [typed, setTyped] = useState('');
  const close = () => {
    setAsking(null);
    setTyped('');
  };
  return (
    <Section title={t('settings.section.standing')} text={t('settings.section.standingText')}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <p className="min-w-[220px] grow text-list">
          <span className={clsx('font-medium', COLORS[status])}>{t(`settings.standing.${status}`)}</span>
          <span className="ml-2 text-muted">
            {saying(project.statusReason, project.statusReasonTold, t) ??
              t(`settings.standing.${status}Text`)}
          </span>
        </p>
        {allowed && status === 'active' && (
          <Button
            disabled={busy}
            onClick={() => onMove('paused', t('settings.standing.wasPaused', { name }))}
          >
            {t('settings.standing.pause')}
          </Button>
        )}
        {allowed && status !== 'active' && (
          <Button
            disabled={busy}
            onClick={() => onMove('active', t('settings.standing.wasResumed', { name }))}
          >
            {t(status === 'paused' ? 'settings.standing.resume' : 'settings.standing.restore')}
          </Button>
        )}
        {allowed && status !== 'archived' && (
          <Button disabled={busy} onClick={() => setAsking('archive')}>
            {t('settings.standing.archive')}
          </Button>
        )}
      </div>
      {allowed && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
          <p className="min-w-[220px] grow text-list text-muted">{t('settings.standing.deleteText')}</p>
          <Button
            disabled={busy || status !== 'archived'}
            className="text-failed"
            onClick={() => setAsking('delete')}
          >
            {t('settings.standing.delete')}
          </Button>
        </div>
      )}
      <Confirm
        open={asking === 'archive'}
        title={t('settings.standing.askArchive', { name })}
        text={t('settings.standing.askArchiveText')}
        action={t('settings.standing.archive')}
        tone="primary"
        busy={busy}
        onConfirm={() => {
          onMove('archived', t('settings.standing.wasArchived', { name }));
          close();
        }}
        onClose={close}
      />
      <Confirm
        open={asking === 'delete'}
        title={t('settings.standing.askDelete', { name })}
        text={t('settings.standing.askDeleteText')}
        action={t('settings.standing.deleteDo', { name: project.key })}
        busy={busy || typed.trim().toUpperCase() !== project.key}
        onConfirm={props.onDelete}
        onClose={close}
      >
        <TextField
          label={t('settings.standing.typeKey', { key: project.key })}
          value={typed}
          maxLength={12}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Confirm>
    </Section>
  );
}
