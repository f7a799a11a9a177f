import { type SubmitEvent, useId, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { CatchUp, NewSchedule, Overlap, Schedule } from '@/shared/api/types';
import { problemText } from '@/shared/i18n/problemText';
import { Button } from '@/shared/ui/Button';
import { SelectField, TextArea, TextField } from '@/shared/ui/Field';
import { Quoting } from '@/shared/ui/Quoting';
import { readInput, type Refusals, refusalsOf } from './refusals';
import { Times } from './Times';

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
  /** What is changed; a new one without it. Its name stays. */
  schedule?: Schedule | undefined;
  /** Robot types that people's modules do. */
  types: readonly string[];
  busy: boolean;
  /** What the server said to the last try. */
  refused: Error | null;
  onSubmit: (schedule: NewSchedule) => void;
}

/** What a schedule makes, and when. */
export function ScheduleForm({ schedule, types, busy, refused, onSubmit }: FormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(schedule?.name ?? '');
  const [typed, setTyped] = useState<string | null>(schedule?.robot.robotType ?? null);
  // Which types there are may be told only later.
  const robotType = typed ?? types[0] ?? '';
  const [input, setInput] = useState(JSON.stringify(schedule?.robot.inputData ?? {}, null, 2));
  const [cron, setCron] = useState(schedule?.cron ?? DAILY);
  const [timezone, setTimezone] = useState(
    schedule?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  );
  const [overlap, setOverlap] = useState<Overlap>(schedule?.overlap ?? 'QUEUE');
  const [catchUp, setCatchUp] = useState<CatchUp>(schedule?.catchUp ?? 'LATEST');
  const [unreadable, setUnreadable] = useState(false);
  const lists = useId();
  const known = refusalsOf(refused, t);
  const wrong: Refusals = { ...known, ...(unreadable && { input: t('schedules.badInput') }) };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const inputData = readInput(input);
    setUnreadable(inputData === null);
    if (!inputData) return;
    // What the form does not show of its robots stays as it was.
    const robot = { ...schedule?.robot, robotType: robotType.trim(), inputData };
    onSubmit({ name: name.trim(), cron: cron.trim(), timezone: timezone.trim(), overlap, catchUp, robot });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 text-left">
      {!schedule && (
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
      )}
      <TextField
        label={t('schedules.field.robotType')}
        hint={t('schedules.hint.robotType')}
        error={wrong.robotType}
        required
        list={`${lists}-types`}
        autoComplete="off"
        value={robotType}
        onChange={(event) => setTyped(event.target.value)}
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
      <Times cron={cron} timezone={timezone} />
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
          <Quoting text={problemText(refused, t)} />
        </p>
      )}
      <Button type="submit" tone="primary" disabled={busy} className="self-end">
        {t(schedule ? 'common.save' : 'schedules.make')}
      </Button>
    </form>
  );
}
