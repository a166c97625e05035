import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { Modules as Licensed } from '@/api/types';
import { Badge } from '@/components/ui/badge';
import { Card } from '@/components/ui/card';
import { SkeletonRows, Trouble } from '@/components/ui/states';
import { Switch } from '@/components/ui/switch';
import { say, sayProblem } from '@/components/ui/toast';
import { useSession } from '@/session/session';

/** Those that the app has pages of. */
const MODULES = ['crm', 'calls', 'whatsapp'] as const;
type Module = (typeof MODULES)[number];

const modulesQuery = (business: number) =>
  queryOptions({
    queryKey: keys.modules(business),
    queryFn: () => take(api.GET('/api/businesses/{id}/modules', { params: { path: { id: business } } })),
  });

function useSwitchModule(business: number) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const key = keys.modules(business);
  const mutation = useMutation({
    mutationFn: ({ module, on }: { module: Module; on: boolean }) =>
      take(
        api.PATCH('/api/businesses/{id}/modules', {
          params: { path: { id: business } },
          body: { [module]: { on } },
        }),
      ),
    onMutate: ({ module, on }) => {
      const before = client.getQueryData<Licensed>(key);
      if (before) client.setQueryData<Licensed>(key, { ...before, [module]: { ...before[module], on } });
      return { before };
    },
    onSuccess: (after, { module, on }) => {
      client.setQueryData(key, after);
      const name = t(`business.modules.${module}`);
      say(t(on ? 'business.modules.onDone' : 'business.modules.offDone', { name }), () =>
        mutation.mutate({ module, on: !on }),
      );
    },
    onError: (error, _, context) => {
      if (context?.before) client.setQueryData(key, context.before);
      sayProblem(t, error);
    },
    // What one may see depends on it.
    onSettled: () => client.invalidateQueries({ queryKey: keys.session }),
  });
  return mutation;
}

export function Modules() {
  const { t } = useTranslation();
  const { business } = useSession();
  const modules = useQuery(modulesQuery(business.id));
  const change = useSwitchModule(business.id);
  return (
    <Card title={t('business.section.modules')} lead={t('business.modules.lead')}>
      {modules.isPending && <SkeletonRows />}
      {modules.isError && <Trouble small error={modules.error} onRetry={() => void modules.refetch()} />}
      {modules.data && (
        <div className="flex flex-col divide-y divide-line">
          {MODULES.map((module) => {
            const { licensed, on } = modules.data[module];
            return (
              <Switch
                key={module}
                checked={licensed && on}
                disabled={!licensed}
                onChange={(next) => change.mutate({ module, on: next })}
                label={
                  <span className="flex flex-wrap items-center gap-2">
                    {t(`business.modules.${module}`)}
                    {!licensed && <Badge>{t('business.modules.unlicensed')}</Badge>}
                  </span>
                }
                hint={licensed ? undefined : t('business.modules.unlicensedHint')}
              />
            );
          })}
        </div>
      )}
    </Card>
  );
}
