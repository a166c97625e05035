/** What was said, in order: saved turns, and over them what is being spoken right now. */
import type { Turn } from '@/api/types';
import type { Spoken } from '@/realtime/events';

export interface Line {
  key: string;
  turn: number;
  speaker: 'caller' | 'agent';
  /** Null where something was said that could not be transcribed. */
  text: string | null;
  /** Still being spoken. */
  open: boolean;
  interrupted: boolean;
  from_ms: number | null;
  to_ms: number | null;
  /** The saved turn, on the agent's lines. */
  saved?: Turn;
}

export function linesOf(turns: readonly Turn[], spoken: readonly Spoken[] = []): Line[] {
  const lines = new Map<string, Line>();
  for (const turn of turns) {
    const heard = turn.caller_text ?? (turn.caller_from_ms == null ? undefined : null);
    if (heard !== undefined && heard !== '') {
      put(lines, turn.turn_id, 'caller', heard, {
        from_ms: turn.caller_from_ms ?? null,
        to_ms: turn.caller_to_ms ?? null,
      });
    }
    if (turn.agent_text) {
      put(lines, turn.turn_id, 'agent', turn.agent_text, {
        from_ms: turn.agent_from_ms ?? null,
        to_ms: turn.agent_to_ms ?? null,
        interrupted: turn.interrupted,
        saved: turn,
      });
    }
  }
  for (const words of spoken) {
    // What was saved is what was really heard, and stands.
    if (lines.has(`${words.turn_id}:${words.speaker}`) || !words.text) continue;
    put(lines, words.turn_id, words.speaker, words.text, { open: !words.final });
  }
  return [...lines.values()].sort(
    (a, b) => a.turn - b.turn || Number(a.speaker === 'agent') - Number(b.speaker === 'agent'),
  );
}

function put(
  lines: Map<string, Line>,
  turn: number,
  speaker: Line['speaker'],
  text: string | null,
  more: Partial<Line>,
): void {
  const key = `${turn}:${speaker}`;
  lines.set(key, {
    key,
    turn,
    speaker,
    text,
    open: false,
    interrupted: false,
    from_ms: null,
    to_ms: null,
    ...more,
  });
}

/** The line that sounds at this place of the recording. */
export function lineAt(lines: readonly Line[], at_ms: number): Line | undefined {
  return lines.findLast((line) => line.from_ms !== null && line.from_ms <= at_ms);
}
