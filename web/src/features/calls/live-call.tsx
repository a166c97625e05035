/** A call while it runs: what is said, how loud, how quickly the agent answers, and what a person can do about it. */
import { useQuery } from '@tanstack/react-query';
import { PhoneForwarded, PhoneOff, SendHorizontal, Timer } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallDetail } from '@/api/types';
import { Button, IconButton } from '@/components/ui/button';
import { cx } from '@/components/ui/cx';
import { Dialog } from '@/components/ui/dialog';
import { BARE_INPUT, INPUT_BOX } from '@/components/ui/field';
import { Panel } from '@/components/ui/panel';
import { useDialog } from '@/components/ui/use-dialog';
import { useFormat } from '@/format/use-format';
import { useWatchedCall } from '@/realtime/use-realtime';
import { usePermission } from '@/session/session';
import { useHangUp, useTakeOver, useWhisper } from './actions';
import { linesOf } from './conversation';
import { Lanes } from './lanes';
import { levelQuery, spokenQuery } from './queries';

export function LiveCall({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  useWatchedCall(call.id);
  const { data: spoken } = useQuery(spokenQuery(call.id));
  const mayWork = usePermission('calls:work');
  return (
    <Panel className="flex h-[calc(100dvh-15rem)] min-h-[26rem] flex-col overflow-hidden max-md:h-[calc(100dvh-19rem)]">
      <Meters call={call} />
      <Lanes className="grow" lines={linesOf(call.turns, spoken)} empty={t('calls.live.listening')} />
      {mayWork && <Controls call={call} />}
    </Panel>
  );
}

function Meters({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: level } = useQuery(levelQuery(call.id));
  const latency = call.turns.findLast((turn) => turn.t_total_ms != null)?.t_total_ms;
  return (
    <div className="flex items-center gap-4 border-b border-line px-5 py-3 max-md:gap-2 max-md:px-4">
      <Meter
        name={t('calls.live.caller')}
        label={t('calls.live.callerLevel')}
        value={level.caller}
        mark="bg-caller"
      />
      <div className="flex shrink-0 flex-col items-center">
        {latency != null && (
          <span
            title={t('calls.live.latencyHint')}
            className="inline-flex items-center gap-1.5 rounded-full bg-sunken px-3 py-1 text-caption text-muted max-md:px-2"
          >
            <Timer aria-hidden className="size-3.5 max-md:hidden" />
            <span className="max-md:sr-only">{t('calls.live.latency')}</span>
            <bdi className="tabular font-semibold text-ink">{format.took(latency)}</bdi>
          </span>
        )}
      </div>
      <Meter
        end
        name={t('calls.live.agent')}
        label={t('calls.live.agentLevel')}
        value={level.agent}
        mark="bg-agent"
      />
    </div>
  );
}

const BARS = 14;

interface MeterProps {
  name: string;
  label: string;
  value: number;
  mark: string;
  end?: boolean;
}

export function Meter({ name, label, value, mark, end }: MeterProps) {
  // Ears hear loudness by its logarithm; the root is near enough for a row of bars.
  const lit = Math.round(Math.sqrt(Math.min(1, Math.max(0, value))) * BARS);
  return (
    <div className={cx('flex min-w-0 grow basis-0 flex-col gap-1.5', end && 'items-end')}>
      <span className="flex max-w-full items-center gap-2 text-caption font-semibold max-md:gap-1.5">
        <span aria-hidden className={cx('size-2 shrink-0 rounded-full', mark)} />
        <span className="truncate">{name}</span>
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: the native element cannot be drawn as a row of bars */}
      <span
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(value * 100)}
        className={cx('flex h-2 w-full max-w-52 gap-[3px]', end && 'flex-row-reverse')}
      >
        {Array.from({ length: BARS }, (_, bar) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: the bars are alike and never move
            key={bar}
            className={cx('grow rounded-full transition-colors duration-75', bar < lit ? mark : 'bg-sunken')}
          />
        ))}
      </span>
    </div>
  );
}

function Controls({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const takeOver = useTakeOver(call.id);
  const hangUp = useHangUp(call.id);
  const sure = useDialog('hang-up');
  return (
    <div className="flex flex-wrap items-end gap-x-3 gap-y-3 border-t border-line p-4">
      <WhisperBox id={call.id} />
      {!call.test && (
        <Button
          look="primary"
          icon={PhoneForwarded}
          title={t('calls.live.takeOverHint')}
          busy={takeOver.isPending}
          className="max-md:grow"
          onClick={() => takeOver.mutate()}
        >
          {t('calls.live.takeOver')}
        </Button>
      )}
      <Button icon={PhoneOff} className="text-danger-text! max-md:grow" onClick={sure.show}>
        {t('calls.live.hangUp')}
      </Button>
      <Dialog
        open={sure.open}
        onClose={sure.hide}
        title={t('calls.live.hangUpSure')}
        lead={t('calls.live.hangUpText')}
        actions={
          <>
            <Button
              look="danger"
              busy={hangUp.isPending}
              onClick={() => hangUp.mutate(undefined, { onSettled: sure.hide })}
            >
              {t('calls.live.hangUp')}
            </Button>
            <Button onClick={sure.hide}>{t('common.back')}</Button>
          </>
        }
      />
    </div>
  );
}

function WhisperBox({ id }: { id: number }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const whisper = useWhisper(id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const words = text.trim();
    if (words) whisper.mutate(words, { onSuccess: () => setText('') });
  };
  return (
    <form onSubmit={submit} className="min-w-60 grow">
      <label htmlFor="whisper" className="flex flex-wrap items-baseline gap-x-2 pb-1.5 text-caption">
        <span className="font-semibold">{t('calls.live.whisper')}</span>
        <span className="text-muted">{t('calls.live.whisperHint')}</span>
      </label>
      <div className={cx(INPUT_BOX, 'h-9 ps-3 max-md:h-11')}>
        <input
          id="whisper"
          dir={text ? 'auto' : undefined}
          maxLength={500}
          value={text}
          placeholder={t('calls.live.whisperPlaceholder')}
          onChange={(event) => setText(event.target.value)}
          className={BARE_INPUT}
        />
        <IconButton
          type="submit"
          size="sm"
          mirrored
          label={t('calls.live.whisper')}
          icon={SendHorizontal}
          disabled={!text.trim() || whisper.isPending}
          className="h-full!"
        />
      </div>
    </form>
  );
}
