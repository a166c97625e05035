/** WhatsApp in the settings: how it is connected, how it answers, and the texts that are kept for it. */
import type { Settings } from '@/api/types';
import { usePermission } from '@/session/session';
import { Canned } from './canned';
import { Connection } from './connection';
import { Policy } from './policy';
import { PrivateChats } from './private-chats';
import { Templates } from './templates';

export function WhatsappSettings({ settings }: { settings: Settings }) {
  const mayLink = usePermission('whatsapp:link');
  const maySet = usePermission('settings:write');
  return (
    <>
      {mayLink && <Connection settings={settings} />}
      {maySet && <Policy settings={settings} />}
      <Templates />
      <Canned />
      {mayLink && <PrivateChats />}
    </>
  );
}
