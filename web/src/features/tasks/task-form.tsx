/** A task's fields, for a new one and for one that is there. */
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Task, TaskCreate } from '@/api/types';
import { type Chosen, CustomerField } from '@/components/customer-field';
import { cx } from '@/components/ui/cx';
import { Field, SelectField, TextField } from '@/components/ui/field';
import { Refusal } from '@/components/ui/states';
import { fromInput, toInput } from '@/format/dates';
import { useZone } from '@/format/use-format';
import { fieldText } from '@/i18n/problem-text';
import { usePeople } from '@/session/people';
import { useSession } from '@/session/session';
import { useDue } from './due';
import { REPEATS, type Repeat, repeatOf, repeatWords, ruleOf } from './repeat';
import { PRIORITIES, type Priority } from './views';

export const TASK_FORM = 'task-form';
const REMIND = [0, 5, 15, 30, 60, 1440] as const;

interface TaskFormProps {
  /** What the fields begin with; none for a new task. */
  task?: Task;
  customer?: Chosen | null;
  error: unknown;
  /** Only what was changed; for a new task everything. */
  onSave: (body: TaskCreate) => void;
}

export function TaskForm({ task, customer: given, error, onSave }: TaskFormProps) {
  const { t } = useTranslation();
  const zone = useZone();
  const form = useTaskForm(task, given ?? null);
  const { fields, set, due } = form;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fields.title.trim()) onSave(form.changes());
  };
  return (
    <form id={TASK_FORM} onSubmit={submit} className="flex flex-col gap-4 pb-2">
      <Field
        label={t('tasks.columns.title')}
        required
        maxLength={300}
        dir={fields.title ? 'auto' : undefined}
        placeholder={t('tasks.addPlaceholder')}
        value={fields.title}
        error={fieldText(t, error, 'title')}
        onChange={(event) => set({ title: event.target.value })}
      />
      <div className="flex flex-col gap-2">
        <Field
          label={t('tasks.columns.due')}
          type="datetime-local"
          className="tabular"
          value={fields.due}
          error={fieldText(t, error, 'due_at')}
          onChange={(event) => set({ due: event.target.value })}
        />
        <DuePicks value={fields.due} onPick={(picked) => set({ due: picked })} />
      </div>
      <div className="grid grid-cols-2 gap-3">
        <Assignee value={fields.assignee} onChange={(assignee) => set({ assignee })} />
        <SelectField
          label={t('tasks.columns.priority')}
          value={fields.priority}
          onChange={(event) => set({ priority: event.target.value as Priority })}
        >
          {PRIORITIES.map((priority) => (
            <option key={priority} value={priority}>
              {t(`tasks.priority.${priority}`)}
            </option>
          ))}
        </SelectField>
      </div>
      <CustomerField value={fields.customer} onChoose={(customer) => set({ customer })} />
      {due && (
        <div className="grid grid-cols-2 gap-3">
          <SelectField
            label={t('tasks.repeat.label')}
            value={fields.repeat ?? 'other'}
            error={fieldText(t, error, 'repeat')}
            onChange={(event) => set({ repeat: event.target.value as Repeat })}
          >
            {REPEATS.map((repeat) => (
              <option key={repeat} value={repeat}>
                {repeatWords(t, repeat, zone, due)}
              </option>
            ))}
            {fields.repeat === null && <option value="other">{t('tasks.repeat.other')}</option>}
          </SelectField>
          <Remind value={fields.remind} onChange={(remind) => set({ remind })} />
        </div>
      )}
      <TextField
        label={t('tasks.notes')}
        rows={4}
        value={fields.notes}
        error={fieldText(t, error, 'notes')}
        onChange={(event) => set({ notes: event.target.value })}
      />
      <Refusal error={error} />
    </form>
  );
}

interface Fields {
  title: string;
  notes: string;
  due: string;
  assignee: string;
  priority: Priority;
  customer: Chosen | null;
  /** `null`: a rule that is none of the offered ones, which stays as it is. */
  repeat: Repeat | null;
  remind: number;
}

/** The time is `null` until somebody chooses one. */
type Written = Omit<Fields, 'due'> & { due: string | null };

function useTaskForm(task: Task | undefined, given: Chosen | null) {
  const { zone, usual, time } = useDue();
  const { user } = useSession();
  const [opened] = useState(() => new Date());
  const [before] = useState<Written>(() => initial(task, given, user.id, zone));
  const [written, setFields] = useState(before);
  // Until one is chosen, a new task is due at the usual time, also when the opening hours arrive later than the form.
  const usually = time(usual, '', opened);
  const fields: Fields = { ...written, due: written.due ?? (usually ? toInput(zone, usually) : '') };
  const due = fromInput(zone, fields.due);
  const body = (): Record<keyof Fields, TaskCreate> => ({
    title: { title: fields.title.trim() },
    notes: { notes: fields.notes.trim() || null },
    due: { due_at: due?.toISOString() ?? null },
    assignee: { assignee_id: fields.assignee ? Number(fields.assignee) : null },
    priority: { priority: fields.priority },
    customer: { customer_id: fields.customer?.id ?? null },
    repeat: fields.repeat === null ? {} : { repeat: due && ruleOf(fields.repeat, zone, due) },
    remind: { remind_before_minutes: due ? fields.remind : null },
  });
  const changes = (): TaskCreate => {
    const names = Object.keys(before) as (keyof Fields)[];
    // A rule names the day that the task is due on.
    const changed = (name: keyof Fields) =>
      !task || fields[name] !== before[name] || (name === 'repeat' && fields.due !== before.due);
    return Object.assign({}, ...names.filter(changed).map((name) => body()[name]));
  };
  return { fields, due, changes, set: (change: Partial<Fields>) => setFields({ ...written, ...change }) };
}

function initial(task: Task | undefined, given: Chosen | null, me: number, zone: string): Written {
  if (!task) {
    return {
      title: '',
      notes: '',
      due: null,
      assignee: String(me),
      priority: 'normal',
      customer: given,
      repeat: 'never',
      remind: 0,
    };
  }
  return {
    title: task.title,
    notes: task.notes ?? '',
    due: task.due_at ? toInput(zone, new Date(task.due_at)) : '',
    assignee: task.assignee_id ? String(task.assignee_id) : '',
    priority: task.priority as Priority,
    customer: task.customer_id ? { id: task.customer_id, name: task.customer_name ?? '' } : null,
    repeat: repeatOf(task.repeat),
    remind: task.remind_before_minutes ?? 0,
  };
}

function DuePicks({ value, onPick }: { value: string; onPick: (value: string) => void }) {
  const { zone, offered, time, name } = useDue();
  return (
    <div className="flex flex-wrap gap-1.5">
      {[...offered, 'none' as const].map((pick) => {
        const at = time(pick);
        const picked = at ? toInput(zone, at) : '';
        return (
          <button
            key={pick}
            type="button"
            aria-pressed={picked === value}
            onClick={() => onPick(picked)}
            className={cx(
              'h-7 rounded-full border px-3 text-caption font-semibold transition-colors max-md:h-11',
              picked === value
                ? 'border-accent-line bg-accent-soft text-accent-text'
                : 'border-line text-muted hover:border-edge hover:text-ink',
            )}
          >
            {name(pick)}
          </button>
        );
      })}
    </div>
  );
}

function Assignee({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const { people } = usePeople();
  const { user } = useSession();
  const known = people.length > 0 ? people : [user];
  return (
    <SelectField
      label={t('tasks.columns.assignee')}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {known.map((person) => (
        <option key={person.id} value={String(person.id)}>
          {person.name}
        </option>
      ))}
      <option value="">{t('tasks.unassigned')}</option>
    </SelectField>
  );
}

function Remind({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const { t } = useTranslation();
  const offered: number[] = REMIND.includes(value as 0) ? [...REMIND] : [...REMIND, value];
  const words = (minutes: number) => {
    if (minutes === 0) return t('tasks.remind.atTime');
    if (minutes % 1440 === 0) return t('tasks.remind.days', { count: minutes / 1440 });
    if (minutes % 60 === 0) return t('tasks.remind.hours', { count: minutes / 60 });
    return t('tasks.remind.minutes', { count: minutes });
  };
  return (
    <SelectField
      label={t('tasks.remind.label')}
      value={String(value)}
      onChange={(event) => onChange(Number(event.target.value))}
    >
      {offered.map((minutes) => (
        <option key={minutes} value={String(minutes)}>
          {words(minutes)}
        </option>
      ))}
    </SelectField>
  );
}
