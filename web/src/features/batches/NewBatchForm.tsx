import { useQuery } from '@tanstack/react-query';
import { type ChangeEvent, type ReactNode, type SubmitEvent, useId, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { problemText } from '@/shared/i18n/problemText';
import { saying } from '@/shared/i18n/told';
import { Button } from '@/shared/ui/Button';
import { TextField } from '@/shared/ui/Field';
import { Quoting } from '@/shared/ui/Quoting';
import { inputOf, readFile } from './file';
import { typesQuery, useSubmitBatch } from './queries';

const LARGEST_BYTES = 64_000_000;
const SHOWN_INPUT = 400;

interface FormProps {
  /** Robot types that people's modules do. */
  types: readonly string[];
  /** Leads to the batch that was made. */
  openLink: (batch: string, text: string) => ReactNode;
  /** All were taken: nothing is left to be read here. */
  onMade: (batch: string) => void;
}

interface Chosen {
  name: string;
  /** Null where it is no UTF-8. */
  text: string | null;
}

/** Robots from a file: what is in it is shown before anything is made. */
export function NewBatchForm({ types, openLink, onMade }: FormProps) {
  const { t } = useTranslation();
  const [file, setFile] = useState<Chosen | 'large' | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  // Which types there are may be told only later. Of several none is guessed: the file may be another's.
  const robotType = typed ?? (types.length === 1 ? types[0] : undefined) ?? '';
  const known = useQuery(typesQuery);
  const schema = known.data?.find((each) => each.robotType === robotType.trim())?.inputSchema ?? null;
  const [name, setName] = useState('');
  const [partial, setPartial] = useState(false);
  const [sent, setSent] = useState(0);
  const submission = useSubmitBatch();
  const [lists, fileId] = [useId(), useId()];
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const chosen = target.files?.[0];
    submission.reset();
    if (!chosen) setFile(null);
    else if (chosen.size > LARGEST_BYTES) setFile('large');
    else setFile({ name: chosen.name, text: await textOf(chosen) });
  };
  const read =
    file && file !== 'large' && file.text !== null
      ? readFile(file.name, file.text, robotType.trim(), { schema, partial })
      : null;
  const robots = read && 'robots' in read ? read.robots : null;
  const wrong = () => {
    if (file === 'large') return t('batches.wrong.large');
    if (file?.text === null) return t('batches.wrong.encoding');
    return read && 'wrong' in read
      ? t(`batches.wrong.${read.wrong.why}`, { row: read.wrong.row ?? 0 })
      : null;
  };
  const isCsv = file !== 'large' && (file?.name.toLowerCase().endsWith('.csv') ?? true);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!robots) return;
    setSent(0);
    submission.mutate(
      { robots, name: name.trim(), partial, onSent: setSent },
      { onSuccess: ({ correlationId, refused }) => refused.length === 0 && onMade(correlationId) },
    );
  };
  const done = submission.data;
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 text-left">
      <div className="flex flex-col gap-1.5">
        <label htmlFor={fileId} className="text-list font-medium">
          {t('batches.form.file')}
        </label>
        <input
          id={fileId}
          type="file"
          accept=".csv,.json,.jsonl,.ndjson,text/csv,application/x-ndjson"
          required
          aria-invalid={wrong() !== null}
          aria-describedby={`${fileId}-hint`}
          onChange={(event) => void choose(event)}
          className="text-list file:mr-3 file:h-8 file:rounded-control file:border file:border-solid file:border-line-strong file:bg-surface file:px-3 file:text-list file:font-medium file:text-ink"
        />
        <p id={`${fileId}-hint`} className={wrong() ? 'text-small text-failed' : 'text-small text-faint'}>
          {wrong() ?? t('batches.form.fileHint')}
        </p>
      </div>
      <TextField
        label={t('batches.form.type')}
        hint={t(isCsv ? 'batches.form.typeHint' : 'batches.form.typeHintLines')}
        required={isCsv}
        list={`${lists}-types`}
        autoComplete="off"
        maxLength={50}
        value={robotType}
        onChange={(event) => setTyped(event.target.value)}
      />
      <datalist id={`${lists}-types`}>
        {types.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      <TextField
        label={t('batches.form.name')}
        hint={t('batches.form.nameHint')}
        maxLength={100}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <label className="flex items-center gap-2.5 text-list">
        <input
          type="checkbox"
          checked={partial}
          onChange={(event) => setPartial(event.target.checked)}
          className="size-4 accent-accent"
        />
        {t('batches.form.partial')}
      </label>
      {robots && !done && (
        <div className="flex flex-col gap-1.5 text-list text-muted">
          <p>{t('batches.form.read', { count: robots.length })}</p>
          <pre className="max-h-32 overflow-auto rounded-control border border-line bg-canvas px-3 py-2 font-mono text-small [overflow-wrap:anywhere] whitespace-pre-wrap text-ink">
            {inputOf(robots[0]).slice(0, SHOWN_INPUT)}
          </pre>
        </div>
      )}
      {submission.isError && (
        <p role="alert" className="text-list break-words text-failed">
          <Quoting text={problemText(submission.error, t)} />
        </p>
      )}
      {done ? (
        <Refused done={done} openLink={openLink} />
      ) : (
        <span className="flex items-center justify-end gap-3">
          {submission.isPending && robots && robots.length > sent && (
            <span role="status" className="text-list text-muted tabular-nums">
              {t('batches.form.sent', { count: sent, total: robots.length })}
            </span>
          )}
          <Button type="submit" tone="primary" disabled={!robots || submission.isPending}>
            {t('batches.form.submit')}
          </Button>
        </span>
      )}
    </form>
  );
}

const SHOWN_REFUSED = 20;

/** What was not taken, and why; the rest is under way. */
function Refused(props: {
  done: NonNullable<ReturnType<typeof useSubmitBatch>['data']>;
  openLink: FormProps['openLink'];
}) {
  const { t } = useTranslation();
  const { accepted, refused, correlationId } = props.done;
  return (
    <div role="alert" className="flex flex-col gap-2 text-list">
      <p>
        {t('batches.form.made', { count: accepted })}{' '}
        {accepted > 0 && props.openLink(correlationId, t('batches.form.open'))}
      </p>
      <p className="text-failed">{t('batches.form.refused', { count: refused.length })}</p>
      <ul className="flex flex-col gap-1 text-small text-muted">
        {refused.slice(0, SHOWN_REFUSED).map(({ index, message, told }) => (
          <li key={index} className="break-words">
            {t('batches.form.row', { row: index + 1 })}: <Quoting text={saying(message, told, t)} />
          </li>
        ))}
        {refused.length > SHOWN_REFUSED && <li>…</li>}
      </ul>
    </div>
  );
}

async function textOf(file: File): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}
