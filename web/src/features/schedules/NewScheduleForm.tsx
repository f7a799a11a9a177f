import { type SubmitEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CatchUp, NewSchedule, Overlap } from '@/shared/api/types';
import { problemText } from '@/shared/i18n/problemText';
import { Button } from '@/shared/ui/Button';
import { SelectField, TextArea, TextField } from '@/shared/ui/Field';
import { readInput, type Refusals, refusalsOf } from './refusals';

const DAILY = '0 6 * * *';
const CRONS = [
  { cron: '*/15 * * * *', name: 'quarter' },
  { cron: '0 * * * *', name: 'hour' },
  { cron: DAILY, name: 'day' },
  { cron: '0 8 * * 1', name: 'week' },
  { cron: '0 0 1 * *', name: 'month' },
] as const;
const OVERLAPS: readonly Overlap[] = ['QUEUE', 'SKIP', 'REPLACE'];
const CATCH_UPS: readonly CatchUp[] = ['LATEST', 'NONE', 'ALL'];

interface FormProps {
  /** Robot types that people's modules do. */
  types: readonly string[];
  busy: boolean;
  /** What the server said to the last try. */
  refused: Error | null;
  onSubmit: (schedule: NewSchedule) => void;
}

/** What a new schedule makes, and when. */
export function NewScheduleForm({ types, busy, refused, onSubmit }: FormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [robotType, setRobotType] = useState(types[0] ?? '');
  const [input, setInput] = useState('{}');
  const [cron, setCron] = useState(DAILY);
  const [timezone, setTimezone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [overlap, setOverlap] = useState<Overlap>('QUEUE');
  const [catchUp, setCatchUp] = useState<CatchUp>('LATEST');
  const [unreadable, setUnreadable] = useState(false);
  const lists = useId();
  const known = refusalsOf(refused);
  const wrong: Refusals = { ...known, ...(unreadable && { input: t('schedules.badInput') }) };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const inputData = readInput(input);
    setUnreadable(inputData === null);
    if (!inputData) return;
    const robot = { robotType: robotType.trim(), inputData };
    onSubmit({ name: name.trim(), cron: cron.trim(), timezone: timezone.trim(), overlap, catchUp, robot });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 text-left">
      <TextField
        label={t('schedules.field.name')}
        hint={t('schedules.hint.name')}
        error={wrong.name}
        required
        maxLength={90}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('schedules.field.robotType')}
        hint={t('schedules.hint.robotType')}
        error={wrong.robotType}
        required
        list={`${lists}-types`}
        autoComplete="off"
        value={robotType}
        onChange={(event) => setRobotType(event.target.value)}
      />
      <datalist id={`${lists}-types`}>
        {types.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      <TextArea
        label={t('schedules.field.input')}
        hint={t('schedules.hint.input')}
        error={wrong.input}
        spellCheck={false}
        className="font-mono text-small"
        value={input}
        onChange={(event) => setInput(event.target.value)}
      />
      <div className="grid gap-4 desk:grid-cols-2">
        <TextField
          label={t('schedules.field.cron')}
          hint={t('schedules.hint.cron')}
          error={wrong.cron}
          required
          maxLength={100}
          list={`${lists}-crons`}
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
          value={cron}
          onChange={(event) => setCron(event.target.value)}
        />
        <datalist id={`${lists}-crons`}>
          {CRONS.map((each) => (
            <option key={each.name} value={each.cron}>
              {t(`schedules.cron.${each.name}`)}
            </option>
          ))}
        </datalist>
        <TextField
          label={t('schedules.field.timezone')}
          hint={t('schedules.hint.timezone')}
          error={wrong.timezone}
          required
          maxLength={64}
          list={`${lists}-zones`}
          autoComplete="off"
          value={timezone}
          onChange={(event) => setTimezone(event.target.value)}
        />
        <datalist id={`${lists}-zones`}>
          {Intl.supportedValuesOf('timeZone').map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </div>
      <SelectField
        label={t('schedules.field.overlap')}
        value={overlap}
        onChange={(event) => setOverlap(event.target.value as Overlap)}
      >
        {OVERLAPS.map((each) => (
          <option key={each} value={each}>
            {t(`schedules.overlap.${each}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('schedules.field.catchUp')}
        value={catchUp}
        onChange={(event) => setCatchUp(event.target.value as CatchUp)}
      >
        {CATCH_UPS.map((each) => (
          <option key={each} value={each}>
            {t(`schedules.catchUp.${each}`)}
          </option>
        ))}
      </SelectField>
      {refused && !known && (
        <p role="alert" className="text-list break-words text-failed">
          {problemText(refused, t)}
        </p>
      )}
      <Button type="submit" tone="primary" disabled={busy} className="self-end">
        {t('schedules.make')}
      </Button>
    </form>
  );
}
