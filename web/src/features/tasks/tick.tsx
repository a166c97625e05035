/** The round mark that completes a task or opens it again. */
import { Check } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Task } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { Tooltip } from '@/components/ui/tooltip';
import { usePermission } from '@/session/session';
import { useCompleteTask } from './queries';

export function Tick({ task }: { task: Task }) {
  const { t } = useTranslation();
  const done = task.status === 'done';
  const { complete, reopen } = useCompleteTask();
  const [pressed, setPressed] = useState(false);
  const mayWrite = usePermission('tasks:write');
  const ticked = done || (pressed && complete.isPending);
  return (
    <Tooltip text={done ? t('tasks.reopen') : t('tasks.complete')}>
      <button
        type="button"
        disabled={!mayWrite || complete.isPending || reopen.isPending}
        aria-label={
          done ? t('tasks.reopenTask', { title: task.title }) : t('tasks.completeTask', { title: task.title })
        }
        className="target -m-1 grid size-7 max-md:-mx-3 max-md:-my-2.5 shrink-0 place-items-center rounded-full"
        onClick={() => {
          setPressed(true);
          if (done) reopen.mutate(task);
          else complete.mutate(task);
        }}
      >
        <span
          className={cx(
            'grid size-[18px] place-items-center rounded-full border-[1.5px] transition-colors',
            ticked
              ? 'border-success-mark bg-success-mark text-surface'
              : 'border-edge text-transparent hover:border-success-mark hover:text-success-mark',
          )}
        >
          <Check aria-hidden className="size-3" strokeWidth={3} />
        </span>
      </button>
    </Tooltip>
  );
}
