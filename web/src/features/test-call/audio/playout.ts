/**
 * What the agent says, waiting to be heard. A small reserve evens out the network; a mark counts as reached when the
 * sound before it was really played, or was thrown away by `clear` – as on a telephone line.
 */
type Entry = { samples: Float32Array } | { mark: string };

export class Playout {
  private readonly queue: Entry[] = [];
  private readonly reserve: number;
  private readonly most: number;
  private offset = 0;
  private waiting = 0;
  private playing = false;

  /** Both in samples: what must wait before sound starts, and how much is kept at most. */
  constructor(reserve: number, most: number) {
    this.reserve = reserve;
    this.most = most;
  }

  push(samples: Float32Array): void {
    if (this.waiting + samples.length > this.most) return;
    this.queue.push({ samples });
    this.waiting += samples.length;
  }

  /** Returns the mark when nothing stands before it. */
  mark(name: string): string[] {
    if (this.waiting === 0 && !this.queue.some((entry) => 'mark' in entry)) return [name];
    this.queue.push({ mark: name });
    return [];
  }

  /** Throws away what was not heard yet; its marks count as reached. */
  clear(): string[] {
    const marks = this.queue.flatMap((entry) => ('mark' in entry ? [entry.mark] : []));
    this.queue.length = 0;
    this.offset = 0;
    this.waiting = 0;
    this.playing = false;
    return marks;
  }

  /** Fills one block of output; silence where there is nothing. Returns the marks that were reached. */
  pull(output: Float32Array): string[] {
    output.fill(0);
    // With a mark waiting, all of an utterance is here: it need not wait for more.
    const whole = this.queue.some((entry) => 'mark' in entry);
    if (!this.playing && this.waiting < this.reserve && !whole) return [];
    this.playing = true;
    const marks: string[] = [];
    let filled = 0;
    while (this.queue.length > 0) {
      const [entry] = this.queue;
      if (!entry) break;
      if ('mark' in entry) {
        marks.push(entry.mark);
        this.queue.shift();
        continue;
      }
      if (filled === output.length) break;
      const count = Math.min(output.length - filled, entry.samples.length - this.offset);
      output.set(entry.samples.subarray(this.offset, this.offset + count), filled);
      filled += count;
      this.offset += count;
      this.waiting -= count;
      if (this.offset === entry.samples.length) {
        this.queue.shift();
        this.offset = 0;
      }
    }
    if (this.queue.length === 0) this.playing = false;
    return marks;
  }
}
