/** A task at the side: one that is there, by its id, or a new one. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AlarmClock, Check, Phone, RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { keys } from '@/api/keys';
import { isProblem } from '@/api/problem';
import type { Task, TaskCreate } from '@/api/types';
import type { Chosen } from '@/components/customer-field';
import { Button, buttonClass } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { useDialog } from '@/components/ui/use-dialog';
import { usePermission } from '@/session/session';
import { taskQuery, useCompleteTask, useCreateTask, useSnoozeTask, useUpdateTask } from './queries';
import { SnoozeMenu } from './snooze-menu';
import { TASK_FORM, TaskForm } from './task-form';

export const NEW_TASK = 'new-task';

export function NewTaskSheet({ customer }: { customer?: Chosen }) {
  const { t } = useTranslation();
  const dialog = useDialog(NEW_TASK);
  const create = useCreateTask();
  return (
    <Dialog
      side
      open={dialog.open}
      onClose={dialog.hide}
      title={t('tasks.add')}
      actions={
        <Button look="primary" type="submit" form={TASK_FORM} busy={create.isPending}>
          {t('common.save')}
        </Button>
      }
    >
      <TaskForm
        {...(customer && { customer })}
        error={create.error}
        onSave={(body) => create.mutate(body, { onSuccess: dialog.hide })}
      />
    </Dialog>
  );
}

interface TaskSheetProps {
  id: number | null;
  onClose: () => void;
}

export function TaskSheet({ id, onClose }: TaskSheetProps) {
  return id === null ? null : <OpenTask key={id} id={id} onClose={onClose} />;
}

function OpenTask({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const query = useQuery(taskQuery(id));
  const update = useUpdateTask(id);
  const mayWrite = usePermission('tasks:write');
  const save = (body: TaskCreate) => {
    if (Object.keys(body).length === 0) return onClose();
    update.mutate(
      { body, etag: query.data?.etag ?? null },
      {
        onSuccess: onClose,
        onError: (error) => {
          // Somebody else was first: their version is shown.
          if (isProblem(error, 'stale')) void client.invalidateQueries({ queryKey: keys.tasks.one(id) });
        },
      },
    );
  };
  const task = query.data?.body;
  return (
    <Dialog
      side
      open
      onClose={onClose}
      title={t('tasks.one')}
      actions={
        mayWrite &&
        task && (
          <>
            <Button look="primary" type="submit" form={TASK_FORM} busy={update.isPending}>
              {t('common.save')}
            </Button>
            <Acts task={task} onDone={onClose} />
          </>
        )
      }
    >
      {query.isPending && <SkeletonRows rows={5} />}
      {query.isError && !task && <Trouble small error={query.error} onRetry={() => void query.refetch()} />}
      {task && (
        <>
          <Origin task={task} />
          <TaskForm key={query.data?.etag ?? ''} task={task} error={update.error} onSave={save} />
        </>
      )}
    </Dialog>
  );
}

function Origin({ task }: { task: Task }) {
  const { t } = useTranslation();
  if (!task.call_id) return null;
  return (
    <Link
      to="/calls/$callId"
      params={{ callId: String(task.call_id) }}
      className={buttonClass('quiet', 'sm', 'mb-4')}
    >
      <Phone aria-hidden className="size-3.5" />
      {t('tasks.fromCall')}
    </Link>
  );
}

function Acts({ task, onDone }: { task: Task; onDone: () => void }) {
  const { t } = useTranslation();
  const { complete, reopen } = useCompleteTask();
  const snooze = useSnoozeTask();
  if (task.status === 'done') {
    return (
      <Button
        icon={RotateCcw}
        busy={reopen.isPending}
        onClick={() => reopen.mutate(task, { onSuccess: onDone })}
      >
        {t('tasks.reopen')}
      </Button>
    );
  }
  return (
    <>
      <Button
        icon={Check}
        busy={complete.isPending}
        onClick={() => complete.mutate(task, { onSuccess: onDone })}
      >
        {t('tasks.complete')}
      </Button>
      <SnoozeMenu
        onSnooze={(until) => snooze.mutate({ id: task.id, until }, { onSuccess: onDone })}
        trigger={
          <Button icon={AlarmClock} busy={snooze.isPending}>
            {t('tasks.snooze.act')}
          </Button>
        }
      />
    </>
  );
}
