/** The saved views as tabs, with what can be done to the one that is shown. */
import { useQuery } from '@tanstack/react-query';
import { BookmarkPlus, Ellipsis, Pencil, Save, Trash2, UsersRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SavedView } from '@/api/types';
import { Views } from '@/components/data-table/toolbar';
import { Button, IconButton } from '@/components/ui/button';
import { Menu, MenuItem } from '@/components/ui/menu';
import { useDialog } from '@/components/ui/use-dialog';
import { usePermission, useSession } from '@/session/session';
import { ViewDialog } from './view-dialog';
import { isChanged, type Standing, useChangeView, useDeleteView, viewsQuery } from './views';

interface ViewsBarProps {
  chosen: number | undefined;
  now: Standing;
  /** Something is set that a new view would keep. */
  worthKeeping: boolean;
  /** `null` is the list without any view. */
  onChoose: (view: SavedView | null) => void;
}

export function ViewsBar({ chosen, now, worthKeeping, onChoose }: ViewsBarProps) {
  const { t } = useTranslation();
  const may = usePermission('views:use');
  const { data } = useQuery({ ...viewsQuery, enabled: may });
  const naming = useDialog('name-view');
  const saving = useDialog('save-view');
  const views = data?.results ?? [];
  const view = views.find(({ id }) => id === chosen);
  if (!may || (views.length === 0 && !worthKeeping)) return null;
  const changed = view ? isChanged(view, now) : worthKeeping;
  return (
    <div className="mb-4 flex items-center gap-2 border-b border-line">
      <div className="min-w-0 grow overflow-x-auto [scrollbar-width:none]">
        <Views
          bare
          label={t('customerList.views')}
          value={view ? String(view.id) : ''}
          onChoose={(id) => onChoose(views.find((one) => String(one.id) === id) ?? null)}
          options={[
            { value: '', label: t('customerList.everybody') },
            ...views.map((one) => ({ value: String(one.id), label: <ViewName view={one} /> })),
          ]}
        />
      </div>
      {changed && (
        <Button look="ghost" size="sm" icon={BookmarkPlus} onClick={saving.show}>
          {t('customerList.saveView')}
        </Button>
      )}
      {view && <ViewMenu view={view} now={now} onRename={naming.show} onChoose={onChoose} />}
      <ViewDialog open={saving.open} onClose={saving.hide} now={now} onSaved={onChoose} />
      {view && <ViewDialog key={view.id} open={naming.open} onClose={naming.hide} now={now} view={view} />}
    </div>
  );
}

function ViewName({ view }: { view: SavedView }) {
  const { t } = useTranslation();
  return (
    <span className="flex items-center gap-1.5 whitespace-nowrap">
      {view.shared && (
        <UsersRound role="img" aria-label={t('customerList.shared')} className="size-3.5 text-faint" />
      )}
      <bdi>{view.name}</bdi>
    </span>
  );
}

interface ViewMenuProps {
  view: SavedView;
  now: Standing;
  onRename: () => void;
  onChoose: (view: SavedView | null) => void;
}

function ViewMenu({ view, now, onRename, onChoose }: ViewMenuProps) {
  const { t } = useTranslation();
  const { user } = useSession();
  const mayShare = usePermission('views:share');
  const change = useChangeView();
  const remove = useDeleteView(onChoose);
  if (view.shared ? !mayShare : view.user_id !== user.id) return null;
  return (
    <Menu
      align="end"
      trigger={
        <IconButton size="sm" icon={Ellipsis} label={t('customerList.viewMenu', { name: view.name })} />
      }
    >
      {isChanged(view, now) && (
        <MenuItem icon={Save} onSelect={() => change.mutate({ id: view.id, standing: now })}>
          {t('customerList.saveChanges')}
        </MenuItem>
      )}
      <MenuItem icon={Pencil} onSelect={onRename}>
        {t('customerList.nameView')}
      </MenuItem>
      <MenuItem
        danger
        icon={Trash2}
        onSelect={() => remove.mutate(view, { onSuccess: () => onChoose(null) })}
      >
        {t('customerList.deleteView')}
      </MenuItem>
    </Menu>
  );
}
