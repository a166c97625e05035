/** Who else writes in this conversation right now. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { keys } from '@/api/keys';
import { useNow } from '@/format/use-format';
import { usePeople } from '@/session/people';
import { useSession } from '@/session/session';

/** User → when they were last heard to write, in milliseconds. */
type Typing = Record<number, number>;

const HELD_MS = 6_000;

const typingQuery = (thread: number) =>
  queryOptions({
    queryKey: keys.typing(thread),
    queryFn: (): Typing => ({}),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: false,
    initialData: {} as Typing,
  });

export function TypingNotice({ thread }: { thread: number }) {
  const { t } = useTranslation();
  const { data: typing } = useQuery(typingQuery(thread));
  const { user } = useSession();
  const { name } = usePeople();
  const now = useNow(1_000).getTime();
  const who = Object.entries(typing)
    .filter(([id, at]) => Number(id) !== user.id && now - at < HELD_MS)
    .flatMap(([id]) => name(Number(id)) ?? []);
  return (
    <p role="status" className="text-caption font-semibold text-warn-text">
      {who.length > 0 && (
        <span className="block px-1 pb-2">
          {t('inbox.typing', { count: who.length, name: who.join(', ') })}
        </span>
      )}
    </p>
  );
}
