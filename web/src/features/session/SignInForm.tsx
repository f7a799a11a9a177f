import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { TextField } from '@/shared/ui/Field';

/** Asks for a key. */
export function SignInForm(props: { busy: boolean; problem: string | null; onKey: (key: string) => void }) {
  const { t } = useTranslation();
  const [key, setKey] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (key.trim()) props.onKey(key.trim());
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label={t('signIn.key')}
        hint={t('signIn.keyHint')}
        type="password"
        name="key"
        autoComplete="current-password"
        required
        maxLength={200}
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      {props.problem && (
        <p role="alert" className="text-list text-failed">
          {props.problem}
        </p>
      )}
      <Button type="submit" tone="primary" disabled={props.busy} className="h-9">
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
