import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { NewKey, Scope } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { NumberField, SelectField, TextField } from '@/shared/ui/Field';
import { refusedKey } from './queries';
import { endOf, EXPIRIES, type Expiry, namesIn, SCOPES } from './standing';

/** Name, scope and end of a key that is to be made. */
export function NewKeyForm(props: {
  busy: boolean;
  /** Why the server did not make it. */
  refused: Error | null;
  onSubmit: (key: NewKey) => void;
}) {
  const { t } = useTranslation();
  const wrong = refusedKey(props.refused, t);
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('member');
  const [modules, setModules] = useState('');
  const [perMinute, setPerMinute] = useState<number | null>(null);
  const [expiry, setExpiry] = useState<Expiry>('never');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    props.onSubmit({
      name: name.trim(),
      scope,
      modules: scope === 'module' ? namesIn(modules) : null,
      requestsPerMinute: perMinute,
      expiresAt: endOf(expiry, new Date()),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 text-left">
      <TextField
        label={t('settings.keys.name')}
        hint={t('settings.keys.nameHint')}
        error={wrong?.name}
        required
        maxLength={100}
        pattern="[A-Za-z0-9][A-Za-z0-9._@ \-]*"
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <SelectField
        label={t('settings.keys.scope')}
        value={scope}
        onChange={(event) => setScope(event.target.value as Scope)}
      >
        {SCOPES.map((each) => (
          <option key={each} value={each}>
            {each}: {t(`settings.keys.scopeText.${each}`)}
          </option>
        ))}
      </SelectField>
      {scope === 'module' && (
        <TextField
          label={t('settings.keys.modules')}
          hint={t('settings.keys.modulesHint')}
          error={wrong?.modules}
          pattern="[A-Za-z0-9_@., \-]*"
          autoComplete="off"
          value={modules}
          onChange={(event) => setModules(event.target.value)}
        />
      )}
      <SelectField
        label={t('settings.keys.expires')}
        value={expiry}
        onChange={(event) => setExpiry(event.target.value as Expiry)}
      >
        {(Object.keys(EXPIRIES) as Expiry[]).map((each) => (
          <option key={each} value={each}>
            {t(`settings.keys.expiry.${each}`)}
          </option>
        ))}
      </SelectField>
      <NumberField
        label={t('settings.keys.perMinute')}
        hint={t('settings.keys.perMinuteHint')}
        error={wrong?.requestsPerMinute}
        most={1_000_000}
        value={perMinute}
        onChange={setPerMinute}
      />
      <Button type="submit" tone="primary" disabled={props.busy} className="self-end">
        {t('settings.keys.submit')}
      </Button>
    </form>
  );
}
