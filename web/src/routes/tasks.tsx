import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Plus, UserSearch } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CustomerField } from '@/components/customer-field';
import { FilterChip, FilterMenu, Views } from '@/components/data-table/toolbar';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { MenuChoice, MenuItem, MenuLabel, MenuLine } from '@/components/ui/menu';
import { PageHead } from '@/components/ui/page';
import { useDialog } from '@/components/ui/use-dialog';
import { customerQuery } from '@/features/customers/queries';
import { NEW_TASK, NewTaskSheet, TaskSheet } from '@/features/tasks/task-sheet';
import { TasksList, type TasksNarrowed, useWork } from '@/features/tasks/tasks-list';
import { ViewName } from '@/features/tasks/view-name';
import { PRIORITIES, VIEWS } from '@/features/tasks/views';
import { formatName } from '@/format/phone';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useCrumbs } from '@/shell/crumbs';

const route = getRouteApi('/inside/tasks');

type Search = ReturnType<typeof route.useSearch>;
type Change = { [K in keyof Search]?: Search[K] | undefined };

export function TasksPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const dialog = useDialog(NEW_TASK);
  const mayWrite = usePermission('tasks:write');
  const { view = 'today', page = 1, task, customer, assignee, priority } = search;
  const narrowed: TasksNarrowed = {
    ...(customer && { customer }),
    ...(assignee && { assignee }),
    ...(priority && { priority }),
  };
  const { of } = useWork(narrowed);
  useCrumbs({ label: t('tasks.title') });
  const set = (change: Change, replace = true) =>
    void navigate({
      search: (before) => Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, v]) => v)),
      replace,
    });
  const add = mayWrite && (
    <Button look="primary" icon={Plus} onClick={dialog.show}>
      {t('tasks.add')}
    </Button>
  );
  return (
    <>
      <PageHead title={t('tasks.title')} primary={add} />
      <div className="overflow-x-auto">
        <Views
          label={t('tasks.views')}
          value={view}
          onChoose={(next) => set({ view: next === 'today' ? undefined : next, page: undefined })}
          options={VIEWS.map((value) => ({ value, label: <ViewName view={value} of={of} /> }))}
        />
      </div>
      <div className="pt-4">
        <TasksList
          id="tasks"
          view={view}
          narrowed={narrowed}
          page={page}
          add={add}
          toolbar={<Filters search={search} onChange={(change) => set({ ...change, page: undefined })} />}
          onPage={(next) => set({ page: next })}
          onClear={() => set({ assignee: undefined, customer: undefined, priority: undefined })}
          onOpen={(opened) => set({ task: opened.id }, false)}
        />
      </div>
      <TaskSheet id={task ?? null} onClose={() => set({ task: undefined })} />
      <NewTaskSheet />
    </>
  );
}

function Filters({ search, onChange }: { search: Search; onChange: (change: Change) => void }) {
  const { t } = useTranslation();
  const [choosing, setChoosing] = useState(false);
  const { people, name } = usePeople();
  const { assignee, priority, customer } = search;
  const assigned = assignee === 'none' ? t('tasks.unassigned') : name(Number(assignee));
  return (
    <>
      <FilterMenu>
        <MenuLabel>{t('tasks.columns.assignee')}</MenuLabel>
        <MenuChoice
          value={assignee ?? ''}
          onChoose={(chosen) => onChange({ assignee: chosen })}
          options={[
            { value: '', label: t('common.all') },
            ...people.map((user) => ({ value: String(user.id), label: user.name })),
            { value: 'none', label: t('tasks.unassigned') },
          ]}
        />
        <MenuLine />
        <MenuLabel>{t('tasks.columns.priority')}</MenuLabel>
        <MenuChoice
          value={priority ?? ''}
          onChoose={(chosen) => onChange({ priority: chosen })}
          options={[
            { value: '', label: t('common.all') },
            ...PRIORITIES.map((value) => ({ value: value as string, label: t(`tasks.priority.${value}`) })),
          ]}
        />
        <MenuLine />
        <MenuItem icon={UserSearch} onSelect={() => setChoosing(true)}>
          {t('tasks.chooseCustomer')}
        </MenuItem>
      </FilterMenu>
      <Dialog open={choosing} onClose={() => setChoosing(false)} title={t('tasks.chooseCustomer')}>
        <div className="min-h-72 pb-4">
          <CustomerField
            value={null}
            onChoose={(chosen) => {
              setChoosing(false);
              onChange({ customer: chosen?.id });
            }}
          />
        </div>
      </Dialog>
      {assigned && assignee && (
        <FilterChip name={assigned} onRemove={() => onChange({ assignee: undefined })} />
      )}
      {priority && (
        <FilterChip
          name={t(`tasks.priority.${priority as 'high'}`)}
          onRemove={() => onChange({ priority: undefined })}
        />
      )}
      {customer && <CustomerChip id={customer} onRemove={() => onChange({ customer: undefined })} />}
    </>
  );
}

function CustomerChip({ id, onRemove }: { id: number; onRemove: () => void }) {
  const { t } = useTranslation();
  const { data } = useQuery(customerQuery(id));
  return (
    <FilterChip name={data ? formatName(data.body.name) : t('tasks.columns.customer')} onRemove={onRemove} />
  );
}
