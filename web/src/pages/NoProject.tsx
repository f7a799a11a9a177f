import { Boxes } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { EmptyState } from '@/shared/ui/EmptyState';
import { NewProjectDialog } from './NewProjectDialog';

/** Where a page is about projects and there is none yet: what one is, and the way to the first. */
export function NoProject(props: { onCreated: (project: string) => void }) {
  const { t } = useTranslation();
  const may = useMay();
  const [creating, setCreating] = useState(false);
  return (
    <EmptyState icon={<Boxes className="size-6" />} title={t('empty.noProject')}>
      <p className="mb-4">{t('empty.noProjectText')}</p>
      <Button tone="primary" disabled={!may('projects')} onClick={() => setCreating(true)}>
        {t('project.create')}
      </Button>
      <NewProjectDialog
        open={creating}
        onCreated={(project) => {
          setCreating(false);
          props.onCreated(project);
        }}
        onClose={() => setCreating(false)}
      />
    </EmptyState>
  );
}
