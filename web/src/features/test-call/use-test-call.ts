/** The course of a test call, from the first click to the end. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, take } from '@/api/client';
import { keys } from '@/api/keys';
import type { TestCall } from '@/api/types';
import { type Line, type MicrophoneProblem, NoMicrophone, openLine, openMicrophone } from './line';

export type Stage =
  | { at: 'ready' }
  | { at: 'asking' }
  | { at: 'connecting' }
  | { at: 'talking'; call: TestCall; since: number }
  | { at: 'over'; call: TestCall; clean: boolean }
  | { at: 'stuck'; microphone: MicrophoneProblem | null; error: unknown };

export interface Levels {
  caller: number;
  agent: number;
}

const LEVEL_EVERY_MS = 60;

export function useTestCall() {
  const client = useQueryClient();
  const [stage, setStage] = useState<Stage>({ at: 'ready' });
  const [muted, setMuted] = useState(false);
  const [levels, setLevels] = useState<Levels>({ caller: 0, agent: 0 });
  const line = useRef<Line | null>(null);
  const loudest = useRef<Levels>({ caller: 0, agent: 0 });

  useEffect(() => {
    if (stage.at !== 'talking') return;
    const timer = setInterval(() => {
      setLevels(loudest.current);
      loudest.current = { caller: 0, agent: 0 };
    }, LEVEL_EVERY_MS);
    return () => clearInterval(timer);
  }, [stage.at]);
  useEffect(() => () => line.current?.hangUp(), []);

  const start = useCallback(async () => {
    setStage({ at: 'asking' });
    setMuted(false);
    let microphone: MediaStream | null = null;
    try {
      microphone = await openMicrophone();
      setStage({ at: 'connecting' });
      const call = await take(api.POST('/api/calls/test'));
      line.current = await openLine(microphone, call, {
        onLevel: (who, level) => {
          loudest.current[who] = Math.max(loudest.current[who], level);
        },
        onClose: (clean) => {
          line.current = null;
          setStage({ at: 'over', call, clean });
          void client.invalidateQueries({ queryKey: keys.calls.all });
        },
      });
      setStage((now) => (now.at === 'over' ? now : { at: 'talking', call, since: Date.now() }));
      void client.invalidateQueries({ queryKey: keys.calls.live });
    } catch (error) {
      for (const track of microphone?.getTracks() ?? []) track.stop();
      const problem = error instanceof NoMicrophone ? error.problem : null;
      setStage({ at: 'stuck', microphone: problem, error: problem ? null : error });
    }
  }, [client]);

  const hangUp = useCallback(() => line.current?.hangUp(), []);
  const mute = useCallback((on: boolean) => {
    line.current?.mute(on);
    setMuted(on);
  }, []);
  return { stage, start, hangUp, muted, mute, levels };
}
