import clsx from 'clsx';
import type { ProjectChanges } from '@/shared/api/types';
import { useTranslation } from '@/shared/i18n/translation';
import { INPUT } from '@/shared/ui/Field';
import { Switch } from '@/shared/ui/Switch';
import type { Setting, SettingValue } from './settings';

// The tools of AiWorker's MCP server that a project may choose from, and what it may permit.
const TOOLS: NonNullable<ProjectChanges['mcpTools']> = [
  'get_next_task',
  'get_task',
  'list_tasks',
  'create_task',
  'update_task_status',
  'ask_user_question',
  'check_response',
  'create_branch',
  'create_pull_request',
  'trigger_preview',
  'report_progress',
  'log',
  'heartbeat',
  'release_task',
];
const PERMISSIONS = ['approve', 'promote', 'rollback', 'createTask'] as const;

interface ControlProps {
  id: string;
  setting: Setting;
  label: string;
  value: SettingValue;
  disabled: boolean;
  described: boolean;
  /** The server refused it; the reason stands below. */
  wrong: boolean;
  onChange: (value: SettingValue) => void;
}

/** What a setting is changed with. */
export function SettingControl(props: ControlProps) {
  const { t } = useTranslation();
  const { id, setting, value, disabled, onChange } = props;
  const texts = [props.described && `${id}-hint`, props.wrong && `${id}-error`].filter(Boolean).join(' ');
  const typed = {
    id,
    disabled,
    required: setting.needed ?? false,
    ...(texts && { 'aria-describedby': texts }),
    ...(props.wrong && { 'aria-invalid': true }),
  };
  switch (setting.kind) {
    case 'switch':
    case 'evidence':
      return <Switch id={id} on={value === true} disabled={disabled} onChange={onChange} />;
    case 'tools':
      return <ToolChoice {...props} />;
    case 'permissions':
      return (
        <Ticks
          label={props.label}
          names={PERMISSIONS.map((name) => ({ name, text: t(`settings.permission.${name}`) }))}
          chosen={Array.isArray(value) ? value : []}
          disabled={disabled}
          onChange={onChange}
        />
      );
    case 'text':
    case 'lines':
      return (
        <textarea
          {...typed}
          rows={3}
          value={String(value)}
          maxLength={setting.most}
          spellCheck={setting.kind === 'text'}
          onChange={(event) => onChange(event.target.value)}
          className={clsx(
            INPUT,
            'field-sizing-content max-h-[40vh] min-h-[68px] resize-y py-1.5',
            setting.kind === 'lines' && 'font-mono text-small',
          )}
        />
      );
    case 'whole':
    case 'dollars':
      return (
        <span className="flex items-center gap-2">
          <input
            {...typed}
            type="number"
            inputMode="decimal"
            value={String(value)}
            min={setting.kind === 'dollars' ? 0.01 : setting.least}
            max={setting.kind === 'dollars' ? 1_000_000 : setting.most}
            step={setting.kind === 'dollars' ? 'any' : 1}
            placeholder={t('settings.notSet')}
            onChange={(event) => onChange(event.target.value)}
            className={clsx(INPUT, 'h-[34px] max-w-[132px] tabular-nums')}
          />
          {setting.kind === 'dollars' && <Unit text={t('settings.unit.dollars')} />}
          {setting.unit && <Unit text={t(`settings.unit.${setting.unit}`)} />}
        </span>
      );
    default:
      return (
        <input
          {...typed}
          value={String(value)}
          maxLength={setting.most}
          pattern={setting.pattern}
          placeholder={setting.needed ? undefined : t('settings.notSet')}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="none"
          onChange={(event) => onChange(event.target.value)}
          className={clsx(INPUT, 'h-[34px]', setting.kind === 'code' && 'font-mono text-small')}
        />
      );
  }
}

function Unit({ text }: { text: string }) {
  return <span className="text-list text-faint">{text}</span>;
}

/** All tools, or a choice of them. */
function ToolChoice(props: ControlProps) {
  const { t } = useTranslation();
  const { value, disabled, onChange } = props;
  const chosen = Array.isArray(value) ? (value as string[]) : null;
  // A tool that was named before stays to be seen, also when it is not known here.
  const known: readonly string[] = TOOLS;
  const names = [...known, ...(chosen ?? []).filter((name) => !known.includes(name))];
  return (
    <div className="flex flex-col gap-2 py-1.5">
      <label className="flex items-center gap-2">
        <Switch
          label={t('settings.allTools')}
          on={chosen === null}
          disabled={disabled}
          onChange={(all) => onChange(all ? null : names)}
        />
        <span aria-hidden>{t('settings.allTools')}</span>
      </label>
      {chosen && (
        <Ticks
          label={props.label}
          names={names.map((name) => ({ name, text: name }))}
          chosen={chosen}
          code
          disabled={disabled}
          onChange={onChange}
        />
      )}
    </div>
  );
}

interface TicksProps {
  label: string;
  names: readonly { name: string; text: string }[];
  chosen: readonly string[];
  code?: boolean;
  disabled: boolean;
  onChange: (chosen: string[]) => void;
}

function Ticks(props: TicksProps) {
  const { names, chosen } = props;
  const tick = (ticked: string, on: boolean) =>
    props.onChange(
      names.flatMap(({ name }) => ((name === ticked ? on : chosen.includes(name)) ? [name] : [])),
    );
  return (
    <fieldset
      disabled={props.disabled}
      className="grid grid-cols-[repeat(auto-fill,minmax(190px,1fr))] gap-x-3 gap-y-1 py-1"
    >
      <legend className="sr-only">{props.label}</legend>
      {names.map(({ name, text }) => (
        <label key={name} className="flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={(event) => tick(name, event.target.checked)}
            className="size-3.5 accent-accent"
          />
          <span className={clsx('truncate', props.code && 'font-mono text-small')}>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
