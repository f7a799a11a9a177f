import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CalendarClock, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { runsQuery, schedulesQuery, useScheduleActions } from '@/features/schedules/queries';
import { ScheduleDetails } from '@/features/schedules/ScheduleDetails';
import { ScheduleRow } from '@/features/schedules/ScheduleRow';
import { Body } from '@/pages/automation/Body';
import { EditScheduleDialog, NewScheduleDialog } from '@/pages/automation/ScheduleDialogs';
import { useAddress } from '@/pages/navigation';
import type { Schedule } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { Confirm } from '@/shared/ui/Confirm';
import { EmptyState } from '@/shared/ui/EmptyState';
import { Loaded } from '@/shared/ui/Loaded';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';

/** Robots that are made by the clock: people's schedules, then the system's own. */
export function SchedulesPart() {
  return (
    <Body>
      <Loaded found={useQuery(schedulesQuery)}>{(schedules) => <Shown schedules={schedules} />}</Loaded>
    </Body>
  );
}

function Shown({ schedules }: { schedules: readonly Schedule[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const allowed = may('projects');
  const { turn, run, remove } = useScheduleActions();
  const [making, setMaking] = useState(false);
  const [editing, setEditing] = useState<Schedule | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const own = schedules.filter(({ system }) => !system);
  const system = schedules.filter((each) => each.system);
  const rows = (found: readonly Schedule[], label: string) => (
    <ul aria-label={label} className="divide-y divide-line">
      {found.map((schedule) => (
        <ScheduleRow
          key={schedule.name}
          schedule={schedule}
          allowed={allowed}
          busy={turn.isPending || run.isPending || remove.isPending}
          details={() => <Details schedule={schedule} />}
          onTurn={(isActive) => turn.mutate({ name: schedule.name, isActive })}
          onRun={() => run.mutate(schedule.name)}
          onEdit={() => setEditing(schedule)}
          onRemove={() => setRemoving(schedule.name)}
        />
      ))}
    </ul>
  );
  return (
    <>
      <Section
        title={t('automation.part.schedules')}
        text={t('schedules.text')}
        actions={
          allowed && (
            <Button tone="primary" onClick={() => setMaking(true)}>
              <Plus aria-hidden className="size-4" />
              {t('schedules.add')}
            </Button>
          )
        }
      >
        {own.length === 0 ? (
          <EmptyState icon={<CalendarClock className="size-6" />} title={t('schedules.none')}>
            {t('schedules.noneText')}
          </EmptyState>
        ) : (
          rows(own, t('automation.part.schedules'))
        )}
      </Section>
      {system.length > 0 && (
        <Section title={t('schedules.system')} text={t('schedules.systemText')}>
          {rows(system, t('schedules.system'))}
        </Section>
      )}
      <NewScheduleDialog open={making} onClose={() => setMaking(false)} />
      {editing && (
        <EditScheduleDialog key={editing.name} schedule={editing} onClose={() => setEditing(null)} />
      )}
      <Confirm
        open={removing !== null}
        title={t('schedules.askRemove', { name: removing ?? '' })}
        text={t('schedules.askRemoveText')}
        action={t('schedules.remove')}
        busy={remove.isPending}
        onConfirm={() => removing && remove.mutate(removing, { onSettled: () => setRemoving(null) })}
        onClose={() => setRemoving(null)}
      />
    </>
  );
}

/** The rest about a schedule, read when somebody wants to see it. */
function Details({ schedule }: { schedule: Schedule }) {
  const runs = useQuery(runsQuery(schedule.name));
  const { project } = useAddress();
  if (runs.isError) return <LoadProblem error={runs.error} onRetry={() => void runs.refetch()} />;
  const robotLink = (robot: string, text: string): ReactNode => (
    <Link
      to="/automation/robots/$robot"
      params={{ robot }}
      search={project ? { project } : {}}
      className="text-link underline underline-offset-2"
    >
      {text}
    </Link>
  );
  return <ScheduleDetails schedule={schedule} runs={runs.data} robotLink={robotLink} />;
}
