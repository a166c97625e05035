import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Headset, Lightbulb, Mic, MicOff, NotebookPen, PhoneOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { EngineNotice } from '@/components/engine-notice';
import { Button, buttonClass, IconButton } from '@/components/ui/button';
import { PageHead } from '@/components/ui/page';
import { Panel } from '@/components/ui/panel';
import { Empty, Refusal } from '@/components/ui/states';
import { BackToWelcome } from '@/features/business/back-to-welcome';
import { Lead } from '@/features/calls/about-call';
import { linesOf } from '@/features/calls/conversation';
import { Lanes } from '@/features/calls/lanes';
import { Meter } from '@/features/calls/live-call';
import { callQuery, spokenQuery } from '@/features/calls/queries';
import { type Levels, type Stage, useTestCall } from '@/features/test-call/use-test-call';
import { formatDuration } from '@/format/dates';
import { useNow } from '@/format/use-format';
import { useWatchedCall } from '@/realtime/use-realtime';
import { useCrumbs } from '@/shell/crumbs';

export function TestCallPage() {
  const { t } = useTranslation();
  const test = useTestCall();
  const { stage } = test;
  const call = stage.at === 'talking' || stage.at === 'over' ? stage.call.call_id : null;
  useCrumbs({ label: t('testCall.title') });
  return (
    <>
      <BackToWelcome />
      <PageHead
        title={t('testCall.title')}
        lead={<span className="block max-w-[70ch]">{t('testCall.lead')}</span>}
      />
      <div className="flex flex-col gap-4">
        {stage.at !== 'talking' && <EngineNotice />}
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_21rem]">
          <Panel className="flex min-h-[30rem] flex-col overflow-hidden lg:h-[calc(100dvh-16rem)]">
            <Phone test={test} />
            {call === null ? (
              <Start stage={stage} onStart={() => void test.start()} />
            ) : (
              <Words call={call} />
            )}
          </Panel>
          <aside className="flex flex-col gap-4">
            <Noted call={call} />
            <Tips />
          </aside>
        </div>
      </div>
    </>
  );
}

type Test = ReturnType<typeof useTestCall>;

function Phone({ test }: { test: Test }) {
  const { t } = useTranslation();
  const { stage } = test;
  if (stage.at === 'talking') return <Talking test={test} levels={test.levels} since={stage.since} />;
  if (stage.at !== 'over') return null;
  return (
    <div className="flex flex-wrap items-center gap-3 border-b border-line px-5 py-3">
      <p role="status" className="grow font-semibold">
        {stage.clean ? t('testCall.ended') : t('testCall.dropped')}
      </p>
      <Link
        to="/calls/$callId"
        params={{ callId: String(stage.call.call_id) }}
        className={buttonClass('quiet')}
      >
        {t('testCall.open')}
      </Link>
      <Button look="primary" icon={Headset} onClick={() => void test.start()}>
        {t('testCall.again')}
      </Button>
    </div>
  );
}

function Talking({ test, levels, since }: { test: Test; levels: Levels; since: number }) {
  const { t } = useTranslation();
  const now = useNow(1_000);
  const { muted } = test;
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-3 border-b border-line px-5 py-3">
      <Meter
        name={t('testCall.you')}
        label={t('calls.live.callerLevel')}
        value={louder(levels.caller)}
        mark="bg-caller"
      />
      <div className="flex items-center gap-2">
        <bdi dir="ltr" className="tabular text-cell text-muted">
          {formatDuration((now.getTime() - since) / 1000)}
        </bdi>
        <IconButton
          look="quiet"
          label={muted ? t('testCall.unmute') : t('testCall.mute')}
          icon={muted ? MicOff : Mic}
          aria-pressed={muted}
          onClick={() => test.mute(!muted)}
        />
        <Button look="danger" icon={PhoneOff} onClick={test.hangUp}>
          {t('testCall.hangUp')}
        </Button>
      </div>
      <Meter
        end
        name={t('testCall.agent')}
        label={t('calls.live.agentLevel')}
        value={louder(levels.agent)}
        mark="bg-agent"
      />
    </div>
  );
}

/** Speech is far below full scale; this brings ordinary talk to the middle of the meter. */
function louder(level: number): number {
  return Math.min(1, level * 3);
}

const MICROPHONE = {
  insecure: 'testCall.insecure',
  refused: 'testCall.microphoneRefused',
  missing: 'testCall.microphoneMissing',
} as const;

function Start({ stage, onStart }: { stage: Stage; onStart: () => void }) {
  const { t } = useTranslation();
  const busy = stage.at === 'asking' || stage.at === 'connecting';
  return (
    <div className="m-auto flex max-w-sm flex-col items-center gap-5 p-8 text-center">
      <span className="grid size-20 place-items-center rounded-full bg-accent-soft text-accent-text">
        <Headset aria-hidden className="size-9" strokeWidth={1.6} />
      </span>
      <Button look="primary" busy={busy} className="h-12! px-8! text-body!" onClick={onStart}>
        {busy ? t('testCall.starting') : t('testCall.start')}
      </Button>
      {stage.at === 'asking' && (
        <p role="status" className="text-cell text-muted">
          {t('testCall.askingMicrophone')}
        </p>
      )}
      {stage.at === 'stuck' &&
        (stage.microphone ? (
          <p role="alert" className="rounded-control bg-warn-soft px-4 py-3 text-cell text-warn-text">
            {t(MICROPHONE[stage.microphone])}
          </p>
        ) : (
          <Refusal error={stage.error ?? true} />
        ))}
    </div>
  );
}

function Words({ call }: { call: number }) {
  const { t } = useTranslation();
  useWatchedCall(call);
  const { data: spoken } = useQuery(spokenQuery(call));
  const { data } = useQuery(callQuery(call));
  return (
    <Lanes
      className="grow"
      lines={linesOf(data?.turns ?? [], spoken)}
      empty={t('testCall.transcriptEmpty')}
    />
  );
}

/** What the agent wrote down, while it is being said. */
function Noted({ call }: { call: number | null }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...callQuery(call ?? 0), enabled: call !== null });
  const noted = data?.extracted;
  const any = noted && (noted.name || noted.need || noted.callback_at);
  return (
    <Panel title={t('testCall.leadTitle')}>
      {any ? (
        <div className="px-5 pb-5">
          <Lead call={data} />
        </div>
      ) : (
        <Empty small icon={NotebookPen} title="" hint={t('testCall.leadEmpty')} />
      )}
    </Panel>
  );
}

function Tips() {
  const { t } = useTranslation();
  const tips = [t('testCall.tip1'), t('testCall.tip2'), t('testCall.tip3')];
  return (
    <ul className="flex flex-col gap-3 px-5 py-2 text-cell text-muted">
      {tips.map((tip) => (
        <li key={tip} className="flex gap-2.5">
          <Lightbulb aria-hidden className="mt-1 size-4 shrink-0 text-faint" strokeWidth={1.8} />
          {tip}
        </li>
      ))}
    </ul>
  );
}
