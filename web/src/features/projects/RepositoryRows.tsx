import { RefreshCw } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { saying } from '@/shared/i18n/told';
import type { Project } from '@/shared/api/types';
import { Button } from '@/shared/ui/Button';
import { CopyLine } from '@/shared/ui/CopyLine';
import { Quoting } from '@/shared/ui/Quoting';
import { SectionRow } from '@/shared/ui/Section';
import { TimeAgo } from '@/shared/ui/Time';
import { isUpstreamTroubled } from './upstream';

/** Where the code comes from, how both stand to each other, and how to clone it from here. */
export function RepositoryRows(props: {
  project: Project;
  allowed: boolean;
  busy: boolean;
  onSync: () => void;
}) {
  const { t } = useTranslation();
  const { project } = props;
  const { upstream, upstreamState: state } = project;
  return (
    <>
      <SectionRow label={t('settings.upstream.from')}>
        {upstream ? (
          <code className="font-mono text-small break-all">{upstream}</code>
        ) : (
          <p className="text-muted">{t('settings.upstream.none')}</p>
        )}
      </SectionRow>
      {state && (
        <SectionRow label={t('settings.upstream.state')}>
          <div className="flex flex-col gap-2">
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className={isUpstreamTroubled(project) ? 'font-medium text-failed' : 'text-approved'}>
                {t(`settings.upstream.standing.${state.standing}`)}
              </span>
              <TimeAgo at={state.checkedAt} className="text-small text-faint" />
              {props.allowed && upstream && (
                <Button className="h-7" disabled={props.busy} onClick={props.onSync}>
                  <RefreshCw aria-hidden className="size-3.5" />
                  {t('settings.upstream.sync')}
                </Button>
              )}
            </p>
            {state.message && (
              <p className="text-muted">
                <Quoting text={saying(state.message, state.told, t)} />
              </p>
            )}
            {state.command && <CopyLine text={state.command} />}
            {(state.remarks ?? []).map((remark) => (
              <p key={remark} className="text-small text-muted">
                {remark}
              </p>
            ))}
          </div>
        </SectionRow>
      )}
      <SectionRow label={t('settings.upstream.clone')}>
        <CopyLine text={`git clone ${project.cloneUrl}`} />
      </SectionRow>
    </>
  );
}
