import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Layers, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { BatchLine } from '@/features/batches/BatchLine';
import { NewBatchForm } from '@/features/batches/NewBatchForm';
import { batchesQuery } from '@/features/batches/queries';
import { modulesQuery } from '@/features/modules/queries';
import { Body } from '@/pages/automation/Body';
import { useAddress } from '@/pages/navigation';
import { useMay } from '@/shared/session';
import { Button } from '@/shared/ui/Button';
import { CopyLine } from '@/shared/ui/CopyLine';
import { Dialog } from '@/shared/ui/Dialog';
import { EmptyState } from '@/shared/ui/EmptyState';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';

const COMMAND = 'aiworker robot submit ocr.read --file pages.csv --wait';

/** Robots that were made together, the newest batch first. */
export function BatchesPart() {
  const { t } = useTranslation();
  const may = useMay();
  const writes = may('tasks') || may('modules');
  const [making, setMaking] = useState(false);
  return (
    <Body>
      <Section
        title={t('automation.part.batches')}
        text={t('batches.text')}
        actions={
          writes && (
            <Button tone="primary" onClick={() => setMaking(true)}>
              <Plus aria-hidden className="size-4" />
              {t('batches.add')}
            </Button>
          )
        }
      >
        <Batches />
      </Section>
      <NewBatchDialog open={making} onClose={() => setMaking(false)} />
    </Body>
  );
}

function Batches() {
  const { t } = useTranslation();
  const { project } = useAddress();
  const batches = useInfiniteQuery(batchesQuery);
  if (!batches.data) {
    if (batches.isError) return <LoadProblem error={batches.error} onRetry={() => void batches.refetch()} />;
    return <Skeleton className="h-72 rounded-card" />;
  }
  const found = batches.data.pages.flatMap((page) => page.data);
  if (found.length === 0) {
    return (
      <EmptyState icon={<Layers className="size-6" />} title={t('batches.none')}>
        <p className="mb-3">{t('batches.noneText')}</p>
        <CopyLine text={COMMAND} />
      </EmptyState>
    );
  }
  return (
    <>
      <ul aria-label={t('automation.part.batches')} className="divide-y divide-line">
        {found.map((batch) => (
          <li key={batch.correlationId}>
            <Link
              to="/automation/batches/$batch"
              params={{ batch: batch.correlationId }}
              search={project ? { project } : {}}
              className="block transition-colors hover:bg-hover focus-visible:-outline-offset-2"
            >
              <BatchLine batch={batch} />
            </Link>
          </li>
        ))}
      </ul>
      {batches.hasNextPage && (
        <div className="flex justify-center p-2">
          <Button
            tone="quiet"
            disabled={batches.isFetchingNextPage}
            onClick={() => void batches.fetchNextPage()}
          >
            {t('batches.more')}
          </Button>
        </div>
      )}
    </>
  );
}

function NewBatchDialog(props: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const { project } = useAddress();
  const navigate = useNavigate();
  const modules = useQuery(modulesQuery);
  const types = (modules.data ?? [])
    .filter(({ internal }) => !internal)
    .flatMap((each) => each.supportedRobotTypes);
  const search = project ? { project } : {};
  return (
    <Dialog title={t('batches.add')} open={props.open} onClose={props.onClose}>
      <NewBatchForm
        types={[...new Set(types)].sort()}
        onMade={(batch) => void navigate({ to: '/automation/batches/$batch', params: { batch }, search })}
        openLink={(batch, text) => (
          <Link
            to="/automation/batches/$batch"
            params={{ batch }}
            search={search}
            className="text-link underline underline-offset-2"
          >
            {text}
          </Link>
        )}
      />
    </Dialog>
  );
}
