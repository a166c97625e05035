/** Whether the agent answers in this conversation, and why it does not. */
import { useTranslation } from 'react-i18next';
import type { Thread } from '@/api/types';
import { Switch } from '@/components/ui/switch';
import { useFormat, useNow } from '@/format/use-format';
import { usePermission } from '@/session/session';
import { useChangeThread } from './actions';

const REASONS = ['person', 'asked', 'anger', 'unsure', 'turned_off'] as const;

export function useAgentReason(): (thread: Thread) => string | null {
  const { t } = useTranslation();
  return ({ bot, bot_off_reason }) => {
    if (bot) return null;
    const known = REASONS.find((reason) => reason === bot_off_reason);
    return known ? t(`inbox.bot.why.${known}`) : null;
  };
}

export function AgentSwitch({ thread }: { thread: Thread }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const mayWrite = usePermission('threads:write');
  const change = useChangeThread(thread.id);
  const reason = useAgentReason()(thread);
  return (
    <>
      <Switch
        checked={thread.bot}
        disabled={!mayWrite}
        label={t('inbox.bot.label')}
        hint={thread.bot ? t('inbox.bot.on') : (reason ?? t('inbox.bot.off'))}
        onChange={(bot) => change.mutate({ change: { bot } })}
      />
      {thread.handed_over_at && !thread.bot && (
        <p className="text-caption text-muted">
          {t('inbox.bot.since', { when: format.when(thread.handed_over_at, now) })}
        </p>
      )}
    </>
  );
}
