import { useTranslation } from '@/shared/i18n/translation';
import type { FileChange } from '@/shared/api/types';
import { Counts } from './Counts';

const STATUSES = ['added', 'deleted', 'renamed', 'copied', 'type_changed'] as const;

/** The files of a change, at the left of it where there is room, and the way to each. */
export function ChangedFiles({ files }: { files: readonly FileChange[] }) {
  const { t } = useTranslation();
  return (
    <nav
      aria-label={t('changes.files')}
      className="self-start wide:sticky wide:top-0 wide:max-h-[calc(100vh-240px)] wide:overflow-y-auto"
    >
      <ul className="flex flex-col rounded-card border border-line py-1">
        {files.map((file, index) => (
          <li key={file.path}>
            <a
              href={`#file-${index}`}
              title={file.path}
              onClick={(event) => {
                event.preventDefault();
                document.getElementById(`file-${index}`)?.scrollIntoView({ block: 'start' });
              }}
              className="flex items-baseline gap-x-3 gap-y-0.5 px-3 py-1 text-list hover:bg-hover focus-visible:-outline-offset-2 wide:flex-wrap"
            >
              <Path path={file.path} />
              <Status status={file.status} />
              <Counts additions={file.additions} deletions={file.deletions} />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The name first to be seen, its folder before it. */
function Path({ path }: { path: string }) {
  const at = path.lastIndexOf('/') + 1;
  return (
    <span className="min-w-0 grow font-mono text-small wrap-anywhere wide:w-full">
      <span className="text-faint">{path.slice(0, at)}</span>
      {path.slice(at)}
    </span>
  );
}

function Status(props: { status: string }) {
  const { t } = useTranslation();
  const status = STATUSES.find((each) => each === props.status);
  if (!status) return null;
  return <span className="shrink-0 text-small text-muted">{t(`changes.${status}`)}</span>;
}
