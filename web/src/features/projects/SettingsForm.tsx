import { TriangleAlert } from 'lucide-react';
import { type ReactNode, type SubmitEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import type { Project, ProjectChanges } from '@/shared/api/types';
import type { Words } from '@/shared/i18n/words';
import { Button } from '@/shared/ui/Button';
import { Section, SectionRow } from '@/shared/ui/Section';
import { refusedSettings } from './refusals';
import { SettingControl } from './SettingControl';
import {
  changesOf,
  type Draft,
  type Setting,
  type SettingName,
  SETTINGS,
  type SettingsGroup,
  valueOf,
} from './settings';

interface SettingsFormProps {
  group: SettingsGroup;
  project: Project;
  allowed: boolean;
  busy: boolean;
  /** Settings of this form that somebody else changed meanwhile. */
  collides: readonly SettingName[];
  /** Why the last save failed. */
  refused: Error | null;
  onSave: (read: Project, changes: ProjectChanges, saved: () => void) => void;
  onDiscard: () => void;
  /** Rows that only tell something. */
  before?: ReactNode;
  after?: ReactNode;
}

type Hint = keyof Words['settings']['hint'];

/** Settings that are saved together. Nothing is sent until the person says so; what others save meanwhile comes in. */
export function SettingsForm(props: SettingsFormProps) {
  const { t } = useTranslation();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const { group, project, allowed } = props;
  const settings: readonly Setting[] = SETTINGS[group];
  const [draft, setDraft] = useState<Draft>({});
  // The project as it was when the person began to type: what is saved says so.
  const [read, setRead] = useState<Project | null>(null);
  const changes = changesOf(read ?? project, settings, draft);
  const dirty = Object.keys(changes).length > 0;
  const refused = refusedSettings(
    props.refused,
    settings.map(({ name }) => name),
    t,
  );
  useEffect(() => {
    if (props.refused) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [props.refused]);

  const discard = () => {
    setDraft({});
    setRead(null);
  };
  const takeTheirs = () => {
    discard();
    props.onDiscard();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (dirty) props.onSave(read ?? project, changes, discard);
  };
  const saveOver = () => props.onSave(project, changesOf(project, settings, draft), discard);

  return (
    <form ref={form} onSubmit={submit}>
      <Section title={t(`settings.section.${group}`)} text={t(`settings.section.${group}Text`)}>
        {props.before}
        {settings.map((setting) => {
          const { name } = setting;
          const hint: string = t(`settings.hint.${name as Hint}`, { defaultValue: '' });
          const label = t(`settings.field.${name}`);
          const single = setting.kind !== 'tools' && setting.kind !== 'permissions';
          return (
            <SectionRow
              key={name}
              label={label}
              hint={hint || undefined}
              error={refused?.[name]}
              {...(single && { control: `${id}-${name}` })}
            >
              <SettingControl
                id={`${id}-${name}`}
                setting={setting}
                label={label}
                value={draft[name] ?? (name in draft ? null : valueOf(project, setting))}
                described={single && hint !== ''}
                wrong={refused?.[name] !== undefined}
                disabled={!allowed}
                onChange={(value) => {
                  setRead((current) => current ?? project);
                  setDraft((current) => ({ ...current, [name]: value }));
                }}
              />
            </SectionRow>
          );
        })}
        {props.after}
        {dirty && (
          <div className="flex flex-wrap items-center justify-end gap-2 rounded-b-card bg-canvas px-4 py-2.5">
            {props.collides.length > 0 ? (
              <>
                <p role="alert" className="flex min-w-[240px] grow items-start gap-2 text-list text-input">
                  <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
                  {t('settings.collides', {
                    fields: props.collides.map((name) => t(`settings.field.${name}`)).join(', '),
                  })}
                </p>
                <Button onClick={takeTheirs}>{t('settings.takeTheirs')}</Button>
                <Button tone="primary" disabled={props.busy} onClick={saveOver}>
                  {t('settings.keepMine')}
                </Button>
              </>
            ) : (
              <>
                <Button tone="quiet" onClick={discard}>
                  {t('settings.discard')}
                </Button>
                <Button type="submit" tone="primary" disabled={props.busy}>
                  {t('common.save')}
                </Button>
              </>
            )}
          </div>
        )}
      </Section>
    </form>
  );
}
