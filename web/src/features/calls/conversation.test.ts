import { describe, expect, it } from 'vitest';
import type { Turn } from '@/api/types';
import { peaksOf } from '@/components/waveform';
import { lineAt, linesOf } from './conversation';

const turn = (change: Partial<Turn>): Turn =>
  ({
    turn_id: 1,
    caller_text: null,
    agent_text: '',
    caller_from_ms: null,
    caller_to_ms: null,
    agent_from_ms: null,
    agent_to_ms: null,
    mode: 'realtime',
    interrupted: false,
    tools: [],
    ...change,
  }) as Turn;

describe('the words of a call', () => {
  it('stand caller first within a turn', () => {
    const lines = linesOf([
      turn({ turn_id: 2, caller_text: 'כן', agent_text: 'יופי' }),
      turn({ agent_text: 'שלום' }),
    ]);
    expect(lines.map((line) => line.text)).toEqual(['שלום', 'כן', 'יופי']);
  });

  it('that were saved win over what was heard on the way', () => {
    const lines = linesOf(
      [turn({ agent_text: 'רק מה שנשמע', interrupted: true })],
      [
        { turn_id: 1, speaker: 'agent', text: 'רק מה שנשמע ועוד', final: true },
        { turn_id: 2, speaker: 'caller', text: 'רגע', final: false },
      ],
    );
    expect(lines.map((line) => [line.text, line.open])).toEqual([
      ['רק מה שנשמע', false],
      ['רגע', true],
    ]);
  });

  it('that could not be transcribed keep their place in the recording', () => {
    const [line] = linesOf([turn({ caller_from_ms: 1200, caller_to_ms: 4000 })]);
    expect(line).toMatchObject({ speaker: 'caller', text: null, from_ms: 1200 });
  });

  it('follow the audio', () => {
    const lines = linesOf([
      turn({ caller_text: 'א', caller_from_ms: 1000, agent_text: 'ב', agent_from_ms: 3000 }),
    ]);
    expect(lineAt(lines, 500)).toBeUndefined();
    expect(lineAt(lines, 2000)?.text).toBe('א');
    expect(lineAt(lines, 9000)?.text).toBe('ב');
  });
});

describe('peaks', () => {
  it('show the loudest of each part', () => {
    const samples = Float32Array.from([0, 0.04, -0.25, 0, 0, 0, 1, 0]);
    expect([...peaksOf(samples, 2)].map((peak) => Math.round(peak * 100) / 100)).toEqual([0.5, 1]);
  });
});
