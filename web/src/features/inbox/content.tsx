/** What a message says, of whatever kind it is. */
import { Ban, MapPin, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '@/api/types';
import { PhoneText, Prose } from '@/components/ui/text';
import { formatPhone } from '@/format/phone';
import { FileView } from './files';

/** Kinds that are named where their content cannot be shown. */
const NAMED = [
  'image',
  'audio',
  'voice',
  'video',
  'document',
  'sticker',
  'location',
  'contacts',
  'interactive',
  'template',
  'order',
  'system',
] as const;

export function useKindName(): (kind: string | null | undefined) => string {
  const { t } = useTranslation();
  return (kind) => {
    const known = NAMED.find((name) => name === kind);
    return known ? t(`inbox.kind.${known}`) : t('inbox.kind.unsupported');
  };
}

export function Content({ message }: { message: Message }) {
  const { t } = useTranslation();
  const kindName = useKindName();
  if (message.deleted_at)
    return (
      <p className="flex items-center gap-2 text-cell text-muted italic">
        <Ban aria-hidden className="size-4 shrink-0" />
        {t('inbox.deleted')}
      </p>
    );
  const { files, location, contacts, text } = message;
  const bare = !text && files.length === 0 && !location && contacts.length === 0;
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      {files.map((file) => (
        <FileView key={file.id} file={file} kind={message.kind} />
      ))}
      {location && <Place location={location} />}
      {contacts.map((contact, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: contacts of one message have no other name
        <Contact key={at} contact={contact} />
      ))}
      {text && <Prose className="whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</Prose>}
      {bare && <p className="text-cell text-muted italic">{kindName(message.kind)}</p>}
    </div>
  );
}

function Place({ location }: { location: NonNullable<Message['location']> }) {
  const { t } = useTranslation();
  const { latitude, longitude, name, address } = location;
  return (
    <a
      href={`https://www.google.com/maps?q=${latitude},${longitude}`}
      target="_blank"
      rel="noopener noreferrer"
      className="flex min-h-12 items-center gap-3 rounded-control border border-line bg-surface px-3 py-2 hover:bg-hover"
    >
      <MapPin aria-hidden className="size-5 shrink-0 text-danger-text" strokeWidth={1.8} />
      <span className="min-w-0">
        <bdi className="block truncate text-cell font-semibold">{name || t('inbox.kind.location')}</bdi>
        {address && <bdi className="block text-caption text-muted">{address}</bdi>}
        <span className="block text-caption text-accent-text underline">{t('inbox.openMap')}</span>
      </span>
    </a>
  );
}

function Contact({ contact: { name, phones } }: { contact: Message['contacts'][number] }) {
  return (
    <div className="flex items-start gap-3 rounded-control border border-line bg-surface px-3 py-2">
      <UserRound aria-hidden className="mt-0.5 size-5 shrink-0 text-muted" strokeWidth={1.8} />
      <span className="min-w-0">
        <bdi className="block truncate text-cell font-semibold">{name}</bdi>
        {phones.map((phone) => (
          <a key={phone} href={`tel:${phone}`} className="block text-caption text-accent-text underline">
            {/^\+\d+$/.test(phone) ? <PhoneText number={phone} /> : <bdi dir="ltr">{formatPhone(phone)}</bdi>}
          </a>
        ))}
      </span>
    </div>
  );
}
