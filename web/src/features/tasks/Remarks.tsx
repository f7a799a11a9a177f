import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import type { LineComment } from './review';

interface RemarksProps {
  comments: readonly LineComment[];
  /** What each is about, where it does not stand right below that. */
  placeOf?: (comment: LineComment) => string;
  onEdit?: (comment: LineComment) => void;
  onRemove: (comment: LineComment) => void;
}

/** Comments that wait until they are sent. */
export function Remarks(props: RemarksProps) {
  const { t } = useTranslation();
  const { placeOf, onEdit, onRemove } = props;
  return props.comments.map((comment, index) => (
    <div key={index} className="flex items-start gap-1 text-list">
      <p className="min-w-0 grow py-1 break-words whitespace-pre-wrap">
        {placeOf && <span className="text-muted">{placeOf(comment)} </span>}
        {comment.body}
      </p>
      {onEdit && (
        <Button tone="quiet" className="h-7 shrink-0" onClick={() => onEdit(comment)}>
          {t('task.edit')}
        </Button>
      )}
      <Button tone="quiet" className="h-7 shrink-0" onClick={() => onRemove(comment)}>
        {t('changes.removeComment')}
      </Button>
    </div>
  ));
}
