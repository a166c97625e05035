/** Files of a message: pictures and films in place, voice notes with their words, others to be fetched. */
import { Download, FileText, ImageOff, LoaderCircle } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renewSession } from '@/api/client';
import type { MessageFile } from '@/api/types';
import { Dialog } from '@/components/ui/dialog';
import { useDialog } from '@/components/ui/use-dialog';
import { VoiceNote } from './voice-note';

interface FileProps {
  file: MessageFile;
  kind: string;
}

export function FileView({ file, kind }: FileProps) {
  const { t } = useTranslation();
  if (file.state === 'waiting')
    return (
      <Notice icon={<LoaderCircle aria-hidden className="size-4 animate-spin" />}>
        {t('inbox.file.waiting')}
      </Notice>
    );
  if (file.state === 'failed' || !file.url)
    return <Notice icon={<ImageOff aria-hidden className="size-4" />}>{t('inbox.file.lost')}</Notice>;
  const type = file.mime_type ?? '';
  if (kind === 'voice' || kind === 'audio' || type.startsWith('audio/'))
    return <VoiceNote url={file.url} transcript={file.transcript ?? null} note={kind === 'voice'} />;
  if (type.startsWith('image/')) return <Picture file={file} url={file.url} sticker={kind === 'sticker'} />;
  if (type.startsWith('video/'))
    return (
      // biome-ignore lint/a11y/useMediaCaption: a customer's film comes without captions
      <video
        controls
        preload="metadata"
        src={file.url}
        aria-label={t('inbox.kind.video')}
        className="max-h-80 w-full rounded-control bg-sunken"
      />
    );
  return <Document file={file} url={file.url} />;
}

function Notice({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <span className="flex items-center gap-2 rounded-control bg-sunken px-3 py-2.5 text-caption text-muted">
      {icon}
      {children}
    </span>
  );
}

/** An address that is asked once more when the session had run out. */
function useRenewed(url: string) {
  const [tried, setTried] = useState(0);
  const [failed, setFailed] = useState(false);
  return {
    src: tried > 0 ? `${url}?again=${tried}` : url,
    failed,
    onError: () => {
      if (tried > 0) return setFailed(true);
      void renewSession().then(() => setTried(1));
    },
  };
}

function Picture({ file, url, sticker }: { file: MessageFile; url: string; sticker: boolean }) {
  const { t } = useTranslation();
  const { src, failed, onError } = useRenewed(url);
  const dialog = useDialog(`picture-${file.id}`);
  const name = file.file_name || t('inbox.kind.image');
  if (failed)
    return <Notice icon={<ImageOff aria-hidden className="size-4" />}>{t('inbox.file.lost')}</Notice>;
  const shape = sticker ? 'size-32 object-contain' : 'max-h-72 min-h-24 w-full min-w-40 object-cover';
  return (
    <>
      <button
        type="button"
        aria-label={t('inbox.file.enlarge', { name })}
        onClick={dialog.show}
        className="block overflow-hidden rounded-control"
      >
        <img src={src} alt="" loading="lazy" onError={onError} className={`bg-sunken ${shape}`} />
      </button>
      <Dialog open={dialog.open} onClose={dialog.hide} title={name}>
        <img src={src} alt={name} className="mx-auto max-h-[65dvh] rounded-control object-contain" />
        <a
          href={url}
          download={file.file_name ?? ''}
          className="my-4 flex items-center gap-2 text-cell font-semibold text-accent-text hover:underline"
        >
          <Download aria-hidden className="size-4" />
          {t('inbox.file.download')}
        </a>
      </Dialog>
    </>
  );
}

function sizeText(bytes: number): string {
  const kilobytes = bytes / 1024;
  return kilobytes < 1024
    ? `${Math.max(1, Math.round(kilobytes))} KB`
    : `${(kilobytes / 1024).toFixed(1)} MB`;
}

function Document({ file, url }: { file: MessageFile; url: string }) {
  const { t } = useTranslation();
  return (
    <a
      href={url}
      download={file.file_name ?? ''}
      className="flex min-h-12 items-center gap-3 rounded-control border border-line bg-surface px-3 py-2 hover:bg-hover"
    >
      <FileText aria-hidden className="size-5 shrink-0 text-muted" strokeWidth={1.8} />
      <span className="min-w-0 grow">
        <bdi className="block truncate text-cell font-semibold">
          {file.file_name || t('inbox.kind.document')}
        </bdi>
        {file.size_bytes != null && (
          <bdi dir="ltr" className="tabular block text-caption text-muted">
            {sizeText(file.size_bytes)}
          </bdi>
        )}
      </span>
      <Download aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="sr-only">{t('inbox.file.download')}</span>
    </a>
  );
}
