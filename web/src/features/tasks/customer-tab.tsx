/** The tasks of one customer, with their own sheet. */
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { Views } from '@/components/data-table/toolbar';
import { Button } from '@/components/ui/button';
import { useDialog } from '@/components/ui/use-dialog';
import { usePermission } from '@/session/session';
import { NEW_TASK, NewTaskSheet, TaskSheet } from './task-sheet';
import { TasksList, useWork } from './tasks-list';
import { ViewName } from './view-name';
import { VIEWS, type View } from './views';

export function CustomerTasksTab({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const narrowed = { customer: customer.id };
  const { of } = useWork(narrowed);
  const [chosen, setChosen] = useState<View | null>(null);
  const [page, setPage] = useState(1);
  const [open, setOpen] = useState<number | null>(null);
  const mayWrite = usePermission('tasks:write');
  const add = useDialog(NEW_TASK);
  // One begins where there is something to do.
  const view = chosen ?? VIEWS.find((name) => name !== 'done' && of?.[name].length) ?? 'today';
  const button = mayWrite && (
    <Button icon={Plus} onClick={add.show}>
      {t('tasks.add')}
    </Button>
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-0 grow overflow-x-auto">
          <Views
            label={t('tasks.views')}
            value={view}
            onChoose={(next) => {
              setChosen(next);
              setPage(1);
            }}
            options={VIEWS.map((value) => ({ value, label: <ViewName view={value} of={of} /> }))}
          />
        </div>
        {button}
      </div>
      <TasksList
        id="customer-tasks"
        ofOne
        view={view}
        narrowed={narrowed}
        page={page}
        onPage={setPage}
        onOpen={(task) => setOpen(task.id)}
      />
      <TaskSheet id={open} onClose={() => setOpen(null)} />
      <NewTaskSheet customer={{ id: customer.id, name: customer.name }} />
    </div>
  );
}
