/** A customer's notes, the newest first. One changes and deletes what one has written oneself. */
import { useQuery } from '@tanstack/react-query';
import { Pencil, StickyNote, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Note } from '@/api/types';
import { MentionText } from '@/components/mention-text';
import { IconButton } from '@/components/ui/button';
import { Panel } from '@/components/ui/panel';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { useFormat, useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission, useSession } from '@/session/session';
import { Composer } from './composer';
import { notesQuery, useChangeNote, useDeleteNote, useWriteNote } from './queries';

export function Notes({ customer }: { customer: number }) {
  const { t } = useTranslation();
  const query = useQuery(notesQuery(customer));
  const mayWrite = usePermission('customers:write');
  const write = useWriteNote(customer);
  const notes = query.data?.results;
  return (
    <Panel>
      {mayWrite && (
        <div className="border-b border-line p-5">
          <Composer label={t('sameCustomer.notes.new')} busy={write.isPending} onWrite={write.mutate} />
        </div>
      )}
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && !notes && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {notes?.length === 0 && (
        <Empty
          icon={StickyNote}
          title={t('sameCustomer.notes.empty')}
          hint={t('sameCustomer.notes.emptyHint')}
        />
      )}
      <ul>
        {notes?.map((note) => (
          <NoteRow key={note.id} note={note} />
        ))}
      </ul>
    </Panel>
  );
}

function NoteRow({ note }: { note: Note }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { user } = useSession();
  const { name } = usePeople();
  const [editing, setEditing] = useState(false);
  const change = useChangeNote(note.customer_id);
  const remove = useDeleteNote(note.customer_id);
  const own = note.author_id === user.id;
  return (
    <li className="group border-b border-line px-5 py-4 last:border-b-0">
      <div className="flex min-h-8 items-center gap-2 text-caption text-muted">
        <bdi className="font-semibold text-ink">
          {name(note.author_id) ?? t('sameCustomer.notes.somebody')}
        </bdi>
        <time dateTime={note.created_at}>{format.when(note.created_at, now)}</time>
        {wasEdited(note) && <span>{t('sameCustomer.notes.changed')}</span>}
        <span className="grow" />
        {own && !editing && (
          <span className="flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:none)]:opacity-100">
            <IconButton
              size="sm"
              icon={Pencil}
              label={t('sameCustomer.notes.edit')}
              onClick={() => setEditing(true)}
            />
            <IconButton
              size="sm"
              icon={Trash2}
              label={t('sameCustomer.notes.delete')}
              onClick={() => remove.mutate(note)}
            />
          </span>
        )}
      </div>
      {editing ? (
        <Composer
          label={t('sameCustomer.notes.edit')}
          initial={note.text}
          busy={change.isPending}
          onWrite={(written) =>
            change.mutate({ id: note.id, ...written }, { onSuccess: () => setEditing(false) })
          }
          onLeave={() => setEditing(false)}
        />
      ) : (
        <MentionText text={note.text} />
      )}
    </li>
  );
}

const NOTICED_MS = 1_000;

/** The two moments of a note that was only written lie a little apart. */
function wasEdited({ created_at, updated_at }: Note): boolean {
  return Date.parse(updated_at) - Date.parse(created_at) > NOTICED_MS;
}
