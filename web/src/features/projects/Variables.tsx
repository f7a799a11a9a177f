import { KeyRound, Trash2 } from 'lucide-react';
import clsx from 'clsx';
import { type SubmitEvent, useId, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { INPUT } from '@/shared/ui/Field';
import { IconButton } from '@/shared/ui/IconButton';
import { Section } from '@/shared/ui/Section';

interface VariablesProps {
  names: readonly string[];
  allowed: boolean;
  busy: boolean;
  /** What was wrong with the one that was to be set last. */
  refused?: string | undefined;
  onSet: (name: string, value: string, saved: () => void) => void;
  onRemove: (name: string, removed: () => void) => void;
}

/** The variables of a project by name. A value goes in and never comes out again. */
export function Variables(props: VariablesProps) {
  const { t } = useTranslation();
  const [removing, setRemoving] = useState<string | null>(null);
  return (
    <Section title={t('settings.section.variables')} text={t('settings.section.variablesText')}>
      {props.names.length === 0 && (
        <p className="px-4 py-3 text-list text-faint">{t('settings.variable.none')}</p>
      )}
      {props.names.length > 0 && (
        <ul className="divide-y divide-line">
          {props.names.map((name) => (
            <li key={name} className="flex min-h-11 items-center gap-3 px-4 text-list">
              <KeyRound aria-hidden className="size-4 shrink-0 text-faint" />
              <code className="min-w-0 grow font-mono text-small break-all">{name}</code>
              <span className="text-small text-faint max-desk:hidden">{t('settings.variable.hidden')}</span>
              {props.allowed && (
                <IconButton
                  label={t('settings.variable.remove', { name })}
                  disabled={props.busy}
                  onClick={() => setRemoving(name)}
                >
                  <Trash2 className="size-4" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {props.allowed && <SetVariable {...props} />}
      <Confirm
        open={removing !== null}
        title={t('settings.variable.askRemove', { name: removing ?? '' })}
        text={t('settings.variable.askRemoveText')}
        action={t('settings.variable.removeDo')}
        busy={props.busy}
        onConfirm={() => removing && props.onRemove(removing, () => setRemoving(null))}
        onClose={() => setRemoving(null)}
      />
    </Section>
  );
}

function SetVariable(props: Pick<VariablesProps, 'names' | 'busy' | 'refused' | 'onSet'>) {
  const { t } = useTranslation();
  const id = useId();
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    props.onSet(name.trim(), value, () => {
      setName('');
      setValue('');
    });
  };
  return (
    <form onSubmit={submit} aria-label={t('settings.variable.add')} className="px-4 py-3">
      {props.refused && (
        <p role="alert" className="mb-2 text-small break-words text-failed">
          {props.refused}
        </p>
      )}
      <div className="grid items-end gap-2 desk:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
        <label className="flex flex-col gap-1 text-small text-muted">
          {t('settings.variable.name')}
          <input
            required
            value={name}
            maxLength={128}
            pattern="[A-Za-z_][A-Za-z0-9_]*"
            title={t('settings.variable.badName')}
            list={id}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="none"
            placeholder="API_TOKEN"
            onChange={(event) => setName(event.target.value)}
            className={clsx(INPUT, 'h-[34px] font-mono text-small')}
          />
          <datalist id={id}>
            {props.names.map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
        </label>
        <label className="flex flex-col gap-1 text-small text-muted">
          {t('settings.variable.value')}
          <input
            type="password"
            value={value}
            maxLength={8_000}
            autoComplete="new-password"
            onChange={(event) => setValue(event.target.value)}
            className={clsx(INPUT, 'h-[34px] font-mono text-small')}
          />
        </label>
        <Button type="submit" disabled={props.busy || name.trim() === ''} className="h-[34px]">
          {t('settings.variable.set')}
        </Button>
      </div>
    </form>
  );
}
