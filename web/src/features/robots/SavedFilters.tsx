import clsx from 'clsx';
import { Bookmark, Trash2 } from 'lucide-react';
import { type SubmitEvent, useState } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { TextField } from '@/shared/ui/Field';
import { Menu, MenuItem, MenuLine } from '@/shared/ui/Menu';
import { type RobotFilters, sameFilters } from './filters';
import { forgetFilter, saveFilter, useSavedFilters } from './savedFilters';

interface SavedFiltersProps {
  filters: RobotFilters;
  onChoose: (filters: RobotFilters) => void;
}

/** Filters by name: to go back to, to add what is shown now, and to forget. */
export function SavedFilters(props: SavedFiltersProps) {
  const { t } = useTranslation();
  const saved = useSavedFilters();
  const [naming, setNaming] = useState(false);
  const narrowed = Object.keys(props.filters).length > 0;
  const same = saved.find(({ filters }) => sameFilters(filters, props.filters));
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button tone="quiet" className="h-8 px-2">
            <Bookmark aria-hidden className="size-4" />
            <span className={clsx(!same && 'max-desk:sr-only')}>
              {same?.name ?? t('automation.saved.title')}
            </span>
          </Button>
        }
      >
        {saved.length === 0 && (
          <p className="max-w-[240px] px-2 py-1.5 text-small text-faint">{t('automation.saved.none')}</p>
        )}
        {saved.map(({ name, filters }) => (
          <MenuItem key={name} onSelect={() => props.onChoose(filters)}>
            <span className="truncate">{name}</span>
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem
          icon={<Bookmark className="size-4" />}
          disabled={!narrowed || same !== undefined}
          onSelect={() => setNaming(true)}
        >
          {t('automation.saved.add')}
        </MenuItem>
        {same && (
          <MenuItem icon={<Trash2 className="size-4" />} onSelect={() => forgetFilter(same.name)}>
            {t('automation.saved.forget', { name: same.name })}
          </MenuItem>
        )}
      </Menu>
      <Dialog title={t('automation.saved.add')} open={naming} onClose={() => setNaming(false)}>
        <NameForm
          onName={(name) => {
            saveFilter(name, props.filters);
            setNaming(false);
          }}
        />
      </Dialog>
    </>
  );
}

function NameForm(props: { onName: (name: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim()) props.onName(name);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label={t('automation.saved.name')}
        required
        maxLength={40}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" tone="primary" className="self-end">
        {t('common.save')}
      </Button>
    </form>
  );
}
