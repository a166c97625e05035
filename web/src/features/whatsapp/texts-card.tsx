/** A list of texts that the business keeps, each with its name. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';
import { directionOf } from '@/format/direction';

interface Row {
  id: number;
  name: string;
  mark?: string;
  text: string;
  acts: readonly { icon: LucideIcon; label: string; run: () => void }[];
}

interface TextsCardProps {
  title: string;
  lead: string;
  icon: LucideIcon;
  action: ReactNode;
  empty: string;
  query: { isPending: boolean; isError: boolean; data: unknown; error: unknown; refetch: () => unknown };
  rows: readonly Row[];
}

export function TextsCard({ title, lead, icon, action, empty, query, rows }: TextsCardProps) {
  return (
    <Card flush title={title} lead={lead} action={action}>
      {query.isPending && <SkeletonRows rows={2} />}
      {query.isError && !query.data ? (
        <Trouble small error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      {query.data && rows.length === 0 ? <Empty small icon={icon} title={empty} /> : null}
      <ul>
        {rows.map(({ id, name, mark, text, acts }) => (
          <li key={id} className="flex items-center gap-3 border-t border-line py-2.5 ps-5 pe-3">
            <div className="min-w-0 grow">
              <p className="flex items-baseline gap-2">
                <bdi className="truncate text-cell font-semibold">{name}</bdi>
                {mark && (
                  <bdi dir="ltr" className="text-caption text-muted">
                    {mark}
                  </bdi>
                )}
              </p>
              <p dir={directionOf(text)} className="line-clamp-2 aligned text-caption text-muted">
                {text}
              </p>
            </div>
            {acts.map(({ icon: Icon, label, run }) => (
              <IconButton key={label} size="sm" icon={Icon} label={label} onClick={run} />
            ))}
          </li>
        ))}
      </ul>
    </Card>
  );
}
