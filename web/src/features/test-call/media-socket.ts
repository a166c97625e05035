/**
 * Plays Twilio's part on the media socket: the same messages in the same order, so that a test call takes the way of
 * every other call.
 */
export interface MediaEvents {
  onMedia: (mulaw: Uint8Array) => void;
  onMark: (name: string) => void;
  onClear: () => void;
  /** The line is gone; `clean` when the server or we hung up in order. */
  onClose: (clean: boolean) => void;
}

/** More than this waiting to leave means that the network does not keep up; old voice is worth nothing. */
const MOST_BUFFERED_BYTES = 64 * 1024;
const FRAME_MS = 20;
const NORMAL_CLOSURE = 1000;

export class MediaSocket {
  private readonly socket: WebSocket;
  private readonly streamSid = `MZ${hex(32)}`;
  private sequence = 0;
  private chunk = 0;
  private over = false;

  constructor(
    url: string,
    private readonly call: { call_sid: string; token: string },
    private readonly events: MediaEvents,
  ) {
    this.socket = new WebSocket(url);
    this.socket.onopen = () => this.start();
    this.socket.onmessage = ({ data }) => this.receive(String(data));
    this.socket.onclose = ({ code }) => {
      const clean = this.over || code === NORMAL_CLOSURE;
      this.over = true;
      events.onClose(clean);
    };
  }

  /** One frame of 20 ms. */
  send(mulaw: Uint8Array): void {
    this.chunk += 1;
    if (this.socket.bufferedAmount > MOST_BUFFERED_BYTES) return;
    this.say('media', {
      media: {
        track: 'inbound',
        chunk: String(this.chunk),
        timestamp: String((this.chunk - 1) * FRAME_MS),
        payload: btoa(String.fromCharCode(...mulaw)),
      },
    });
  }

  reached(mark: string): void {
    this.say('mark', { mark: { name: mark } });
  }

  stop(): void {
    if (this.over) return;
    this.say('stop', { stop: { accountSid: ACCOUNT, callSid: this.call.call_sid } });
    this.over = true;
    this.socket.close(NORMAL_CLOSURE);
  }

  private start(): void {
    this.raw({ event: 'connected', protocol: 'Call', version: '1.0.0' });
    this.say('start', {
      start: {
        streamSid: this.streamSid,
        accountSid: ACCOUNT,
        callSid: this.call.call_sid,
        tracks: ['inbound'],
        customParameters: { token: this.call.token },
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      },
    });
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as {
      event?: string;
      media?: { payload?: string };
      mark?: { name?: string };
    };
    if (message.event === 'media' && message.media?.payload) {
      const bytes = atob(message.media.payload);
      this.events.onMedia(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)));
    } else if (message.event === 'mark' && message.mark?.name) {
      this.events.onMark(message.mark.name);
    } else if (message.event === 'clear') {
      this.events.onClear();
    }
  }

  private say(event: string, body: object): void {
    this.sequence += 1;
    this.raw({ event, sequenceNumber: String(this.sequence), streamSid: this.streamSid, ...body });
  }

  private raw(message: object): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}

/** A browser has no account at Twilio; the field is there because theirs always is. */
const ACCOUNT = `AC${'0'.repeat(32)}`;

function hex(digits: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(digits / 2)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
