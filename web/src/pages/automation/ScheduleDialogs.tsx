import { useQuery } from '@tanstack/react-query';
import { useTranslation } from '@/shared/i18n/translation';
import { modulesQuery } from '@/features/modules/queries';
import { useChangeSchedule, useCreateSchedule } from '@/features/schedules/queries';
import { ScheduleForm } from '@/features/schedules/ScheduleForm';
import type { Schedule } from '@/shared/api/types';
import { Dialog } from '@/shared/ui/Dialog';

export function NewScheduleDialog(props: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const types = useTypes();
  const create = useCreateSchedule();
  const close = () => {
    create.reset();
    props.onClose();
  };
  return (
    <Dialog title={t('schedules.add')} open={props.open} onClose={close}>
      <ScheduleForm
        types={types}
        busy={create.isPending}
        refused={create.error}
        onSubmit={(schedule) => create.mutate(schedule, { onSuccess: close })}
      />
    </Dialog>
  );
}

export function EditScheduleDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const { t } = useTranslation();
  const types = useTypes();
  const change = useChangeSchedule(schedule.name);
  return (
    <Dialog title={t('schedules.edit', { name: schedule.name })} open onClose={onClose}>
      <ScheduleForm
        schedule={schedule}
        types={types}
        busy={change.isPending}
        refused={change.error}
        onSubmit={(changed) => change.mutate(changed, { onSuccess: onClose })}
      />
    </Dialog>
  );
}

/** Robot types that people's modules do. */
function useTypes(): string[] {
  const modules = useQuery(modulesQuery);
  const own = (modules.data ?? []).filter(({ internal }) => !internal);
  return [...new Set(own.flatMap((each) => each.supportedRobotTypes))].sort();
}
