import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { NewProject } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { TextField } from '@/shared/ui/Field';
import { refusedProject } from './refusals';

/** Name and repository are all that a project needs. */
export function NewProjectForm(props: {
  busy: boolean;
  /** Why the server did not make it. */
  refused: Error | null;
  onSubmit: (project: NewProject) => void;
}) {
  const { t } = useTranslation();
  const wrong = refusedProject(props.refused, t);
  const [name, setName] = useState('');
  const [repo, setRepo] = useState('');
  const [key, setKey] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    props.onSubmit({
      name: name.trim(),
      ...(repo.trim() && { repo: repo.trim() }),
      ...(key.trim() && { key: key.trim().toUpperCase() }),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 text-left">
      <TextField
        label={t('project.name')}
        error={wrong?.name}
        required
        maxLength={255}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('project.repo')}
        error={wrong?.repo}
        note={t('common.optional')}
        hint={t('project.repoHint')}
        maxLength={1000}
        spellCheck={false}
        autoCapitalize="none"
        placeholder="/home/me/code/shop"
        value={repo}
        onChange={(event) => setRepo(event.target.value)}
      />
      <TextField
        label={t('project.key')}
        error={wrong?.key}
        note={t('common.optional')}
        hint={t('project.keyHint')}
        maxLength={12}
        pattern="[A-Za-z][A-Za-z0-9]{1,11}"
        spellCheck={false}
        className="uppercase"
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <Button type="submit" tone="primary" disabled={props.busy} className="self-end">
        {t('project.submit')}
      </Button>
    </form>
  );
}
