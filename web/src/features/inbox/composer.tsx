/** Where one writes: to the customer, or a note for the team. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LayoutTemplate, Paperclip, Send } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message, Thread } from '@/api/types';
import { mentioned } from '@/components/mentions';
import { Button, buttonClass, IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { useDialog } from '@/components/ui/use-dialog';
import { formatDuration } from '@/format/dates';
import { useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { usePermission } from '@/session/session';
import { useTellTyping, useWriteNote } from './actions';
import { draftOf, keepDraft } from './drafts';
import { EmojiButton } from './emoji';
import { DraftNotice, FileNotice, RefusedNotice, ReplyNotice } from './notices';
import type { Content, useOutbox } from './outbox';
import { cannedQuery, waysQuery } from './queries';
import { cannedFor, peopleFor } from './suggestions';
import { TemplateDialog } from './template-dialog';
import { TypingNotice } from './typing';
import { windowOf } from './window';
import { WritingField } from './writing-field';

const MOST_BYTES = 25 * 1024 * 1024;

interface ComposerProps {
  thread: Thread;
  /** How the customer is called. */
  name: string | null;
  outbox: ReturnType<typeof useOutbox>;
  answering: Message | null;
  onAnswered: () => void;
  /** The customer asked to be left alone. */
  unwanted: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  /** From an empty field, upwards. */
  onUp: () => void;
}

export function Composer(props: ComposerProps) {
  const { thread, name, outbox, answering, onAnswered, unwanted, field, onUp } = props;
  const { t } = useTranslation();
  const maySend = usePermission('messages:send');
  const [mode, setMode] = useState<'message' | 'note'>('message');
  const templates = useDialog(`template-${thread.id}`);
  const ways = useQuery(waysQuery);
  const now = useNow();
  const window = windowOf(thread, ways.data?.available, now);
  const writesNote = mode === 'note' || !maySend || unwanted;
  const writing = useWriting(props, writesNote);
  const { text, setText, file, setFile } = writing;
  const closed = !writesNote && (window.state === 'closed' || window.state === 'none');
  return (
    <div className="shrink-0 border-t border-line bg-surface px-3 pt-2.5 pb-3 md:px-4">
      <TypingNotice thread={thread.id} />
      <Refusals outbox={outbox} setText={setText} setFile={setFile} onTemplate={templates.show} />
      {!writesNote && !outbox.refused && !closed && (
        <Draft thread={thread} outbox={outbox} onEdit={writing.begin} />
      )}
      {unwanted && <Bar>{t('inbox.doNotContact')}</Bar>}
      {writing.tooLarge && <Bar>{t('inbox.file.tooLarge')}</Bar>}
      {!writesNote && window.state === 'closing' && <Closing left_ms={window.left_ms} />}
      {!writesNote && <Along answering={answering} onAnswered={onAnswered} file={file} onFile={setFile} />}
      {maySend && !unwanted && <Modes mode={mode} onChoose={setMode} />}
      {closed ? (
        <Closed none={window.state === 'none'} onTemplate={templates.show} />
      ) : (
        <div className="flex items-end gap-1">
          {!writesNote && (
            <Tools
              onFile={writing.attach}
              onTemplate={templates.show}
              onEmoji={writing.insert}
              onClosed={() => field.current?.focus()}
            />
          )}
          <WritingField
            field={field}
            label={t(writesNote ? 'inbox.note.write' : 'inbox.write')}
            value={text}
            tinted={writesNote}
            offered={writing.offered}
            onText={writing.write}
            onCaret={writing.setCaret}
            onSend={writing.send}
            onFile={writesNote ? undefined : writing.attach}
            onLeave={onAnswered}
            onUp={onUp}
          />
          <IconButton
            look="primary"
            icon={Send}
            mirrored
            label={t(writesNote ? 'inbox.note.save' : 'inbox.send')}
            aria-disabled={!text.trim() && !file}
            onClick={writing.send}
          />
        </div>
      )}
      <TemplateDialog
        open={templates.open}
        onClose={templates.hide}
        name={name}
        onSend={(content) => outbox.send(content, answering?.id ?? null)}
      />
    </div>
  );
}

/** What stands in the field, with the file that goes along. */
function useWriting({ thread, outbox, answering, onAnswered, field }: ComposerProps, writesNote: boolean) {
  const [text, setText] = useState(() => draftOf(thread.id));
  const [caret, setCaret] = useState(text.length);
  const [file, setFile] = useState<File | null>(null);
  const [tooLarge, setTooLarge] = useState(false);
  const canned = useQuery({ ...cannedQuery, enabled: text.startsWith('/') });
  const { people } = usePeople();
  const note = useWriteNote(thread.id);
  const tell = useTellTyping(thread.id);
  useEffect(() => keepDraft(thread.id, text), [thread.id, text]);
  const write = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    if (!writesNote && next.trim()) tell();
  };
  const saveNote = () => {
    if (!text.trim() || note.isPending) return;
    note.mutate({ text: text.trim(), mentions: mentioned(people, text) }, { onSuccess: () => setText('') });
  };
  const send = () => {
    if (writesNote) return saveNote();
    if (!file && !text.trim()) return;
    const reply_to = answering?.id ?? null;
    if (file) outbox.send({ kind: 'file', file, caption: text }, reply_to);
    else outbox.send({ kind: 'text', text: text.trim() }, reply_to);
    setText('');
    setFile(null);
    onAnswered();
    field.current?.focus();
  };
  const attach = (chosen: File | undefined) => {
    if (!chosen) return;
    setTooLarge(chosen.size > MOST_BYTES);
    if (chosen.size > MOST_BYTES) return;
    setFile(chosen);
    field.current?.focus();
  };
  return {
    text,
    setText,
    setCaret,
    file,
    setFile,
    tooLarge,
    offered: writesNote ? peopleFor(people, text, caret) : cannedFor(canned.data ?? [], text, caret),
    write,
    send,
    attach,
    insert: (words: string) => write(text.slice(0, caret) + words + text.slice(caret), caret + words.length),
    begin: (words: string) => {
      setText(words);
      field.current?.focus();
    },
  };
}

interface RefusalsProps {
  outbox: ReturnType<typeof useOutbox>;
  setText: (change: string | ((now: string) => string)) => void;
  setFile: (file: File | null) => void;
  onTemplate: () => void;
}

function Refusals({ outbox, setText, setFile, onTemplate }: RefusalsProps) {
  const { refused } = outbox;
  useReturned(refused?.content, setText, setFile);
  if (!refused) return null;
  return (
    <RefusedNotice
      refused={refused}
      onTemplate={onTemplate}
      onAnyway={() => {
        setText('');
        setFile(null);
        outbox.send(refused.content, refused.reply_to);
      }}
      onDiscard={() => {
        if (refused.error.code === 'newer_message') {
          setText('');
          setFile(null);
        }
        outbox.forgive();
      }}
    />
  );
}

interface DraftProps {
  thread: Thread;
  outbox: ReturnType<typeof useOutbox>;
  onEdit: (draft: string) => void;
}

function Draft({ thread: { draft }, outbox, onEdit }: DraftProps) {
  if (!draft || outbox.pending.length > 0) return null;
  return (
    <DraftNotice
      draft={draft}
      onSend={() => outbox.send({ kind: 'text', text: draft })}
      onEdit={() => onEdit(draft)}
    />
  );
}

interface AlongProps {
  answering: Message | null;
  onAnswered: () => void;
  file: File | null;
  onFile: (file: File | null) => void;
}

/** What goes along with the words. */
function Along({ answering, onAnswered, file, onFile }: AlongProps) {
  return (
    <>
      {answering && <ReplyNotice message={answering} onLeave={onAnswered} />}
      {file && <FileNotice file={file} onLeave={() => onFile(null)} />}
    </>
  );
}

function Closing({ left_ms }: { left_ms: number }) {
  const { t } = useTranslation();
  return (
    <p className="px-1 pb-2 text-caption text-warn-text">
      {t('inbox.window.closing')}{' '}
      <bdi dir="ltr" className="tabular font-semibold">
        {formatDuration(left_ms / 60_000)}
      </bdi>
    </p>
  );
}

/** What was not taken stands in the field again, unless something else was begun. */
function useReturned(
  content: Content | undefined,
  setText: (change: (now: string) => string) => void,
  setFile: (file: File) => void,
): void {
  useEffect(() => {
    if (!content || content.kind === 'template') return;
    const text = content.kind === 'file' ? content.caption : content.text;
    setText((now) => now || text);
    if (content.kind === 'file') setFile(content.file);
  }, [content, setText, setFile]);
}

function Bar({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="mb-2 rounded-control bg-warn-soft px-3.5 py-2 text-cell text-warn-text">
      {children}
    </p>
  );
}

function Modes({
  mode,
  onChoose,
}: {
  mode: 'message' | 'note';
  onChoose: (mode: 'message' | 'note') => void;
}) {
  const { t } = useTranslation();
  return (
    <fieldset className="mb-2 flex gap-1">
      <legend className="sr-only">{t('inbox.mode')}</legend>
      {(['message', 'note'] as const).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={mode === one}
          onClick={() => onChoose(one)}
          className={cx(
            'target rounded-full px-3 py-0.5 text-caption font-semibold transition-colors',
            mode !== one && 'text-muted hover:bg-hover hover:text-ink',
            mode === one &&
              (one === 'note' ? 'bg-warn-soft text-warn-text' : 'bg-accent-soft text-accent-text'),
          )}
        >
          {t(one === 'note' ? 'inbox.note.title' : 'inbox.toCustomer')}
        </button>
      ))}
    </fieldset>
  );
}

interface ToolsProps {
  onFile: (file: File | undefined) => void;
  onTemplate: () => void;
  onEmoji: (emoji: string) => void;
  onClosed: () => void;
}

function Tools({ onFile, onTemplate, onEmoji, onClosed }: ToolsProps) {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker}
        type="file"
        tabIndex={-1}
        aria-hidden
        className="hidden"
        onChange={(event) => {
          onFile(event.target.files?.[0]);
          event.target.value = '';
        }}
      />
      <IconButton icon={Paperclip} label={t('inbox.file.add')} onClick={() => picker.current?.click()} />
      <EmojiButton onChoose={onEmoji} onClosed={onClosed} />
      <IconButton
        icon={LayoutTemplate}
        label={t('inbox.template.choose')}
        className="max-md:hidden"
        onClick={onTemplate}
      />
    </>
  );
}

/** Free text does not go; what does. */
function Closed({ none, onTemplate }: { none: boolean; onTemplate: () => void }) {
  const { t } = useTranslation();
  const mayLink = usePermission('whatsapp:link');
  return (
    <div className="flex flex-wrap items-center gap-3 rounded-control bg-sunken px-3.5 py-2.5">
      <p className="min-w-48 grow basis-0 text-cell text-muted">
        {t(none ? 'inbox.window.none' : 'inbox.window.closedHint')}
      </p>
      {none ? (
        mayLink && (
          <Link to="/business" search={{ section: 'whatsapp' }} className={buttonClass('primary', 'sm')}>
            {t('inbox.connect')}
          </Link>
        )
      ) : (
        <Button look="primary" size="sm" icon={LayoutTemplate} onClick={onTemplate}>
          {t('inbox.template.choose')}
        </Button>
      )}
    </div>
  );
}
