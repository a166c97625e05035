//! Every limit of a provider's call, with its reason. A caller hears something within 6 s, so that an engine that hangs
//! must be given up while another can still answer.

use std::time::Duration;

/// A company that does not take a connection in this time does not answer in time either.
pub const CONNECT: Duration = Duration::from_secs(3);

/// Reads outside of a conversation (call state, prices), retries included.
pub const READ: Duration = Duration::from_secs(15);
/// Writes outside of a conversation (placing a call, redirecting one).
pub const WRITE: Duration = Duration::from_secs(10);
pub const RETRIES: usize = 3;
/// In a conversation another engine waits behind the one that refused.
pub const SPEECH_RETRIES: usize = 1;
pub const RETRY_FIRST: Duration = Duration::from_millis(500);
/// A longer `Retry-After` is left to the job that asked.
pub const RETRY_AFTER_LONGEST: Duration = Duration::from_secs(5);

/// An hour of a recording takes 14 to 29 MB as MP3.
pub const RECORDING_BYTES: usize = 64 * 1024 * 1024;
pub const RECORDING: Duration = Duration::from_secs(20);
/// Twilio redirects once, to its storage.
pub const REDIRECTS: usize = 3;

/// JSON answers of any company.
pub const JSON_BYTES: usize = 1024 * 1024;
/// Of an error's body we want a short code only.
pub const ERROR_BYTES: usize = 16 * 1024;

/// A recogniser's time beside what the length of the audio allows it.
pub const STT: Duration = Duration::from_secs(4);
/// A recogniser that is slower than this many times real time is of no use.
pub const STT_SPEED: u32 = 4;
/// Under a tenth of a second there is no word in it, and engines refuse it.
pub const STT_SHORTEST_MS: u64 = 100;

/// Until a model's first piece.
pub const LLM_FIRST: Duration = Duration::from_secs(4);
/// Between two pieces of a model's answer.
pub const LLM_STALL: Duration = Duration::from_secs(4);
/// A spoken answer is a few hundred words; this is a thousand times as much.
pub const LLM_STREAM_BYTES: usize = 4 * 1024 * 1024;
pub const LLM_EVENT_BYTES: usize = 256 * 1024;
pub const LLM_TOOL_CALLS: usize = 16;
pub const LLM_ARGUMENT_BYTES: usize = 32 * 1024;

/// Until a synthesiser's first sound.
pub const TTS_FIRST: Duration = Duration::from_secs(4);
/// Between two pieces of a synthesiser's sound.
pub const TTS_STALL: Duration = Duration::from_secs(3);
/// The longest that one sentence is spoken.
pub const TTS_SECONDS: usize = 120;
/// The longest text of one sentence; engines refuse at about twice this.
pub const TTS_CHARS: usize = 2_000;
/// gTTS answers in a few tenths of a second; on a closed network this is what the first sentence costs.
pub const GTTS: Duration = Duration::from_millis(2_500);
/// gTTS's own limit per request; the endpoint refuses above 200.
pub const GTTS_CHARS: usize = 100;
/// A hundred characters take about 10 s, 40 KB.
pub const GTTS_BYTES: usize = 1024 * 1024;

/// espeak-ng needs about 20 ms for a sentence.
pub const ESPEAK: Duration = Duration::from_secs(4);
/// Processes at once: more only make each other slow.
pub const ESPEAK_AT_ONCE: usize = 8;

/// Until a mail server takes the beginning of a letter: greeting, encryption, sign-in and addresses are some twelve
/// steps, and servers greet slowly on purpose.
pub const MAIL_BEGIN: Duration = Duration::from_secs(30);
/// A server looks into a letter before it says that it took it.
pub const MAIL_TAKE: Duration = Duration::from_secs(60);
pub const MAIL_LEAVE: Duration = Duration::from_secs(2);

/// Sending a WhatsApp message. Whoever pressed «send» is answered after ten seconds at the latest and then wants to know
/// how it went.
pub const WHATSAPP_SEND: Duration = Duration::from_secs(9);
/// A file that a message brought, its redirects and the question where it lies included.
pub const WHATSAPP_MEDIA: Duration = Duration::from_secs(40);
/// What WhatsApp's own companies take in one message: characters of text.
pub const TWILIO_TEXT_CHARS: usize = 1_600;
pub const META_TEXT_CHARS: usize = 4_096;
/// The newest of a person's messages, among which a lost one is looked for.
pub const TWILIO_LIST: usize = 200;
/// A company's clock and ours may differ by this much.
pub const WHATSAPP_CLOCK_SKEW: Duration = Duration::from_secs(120);
/// A message that was taken shows at the company before this much time has passed.
pub const WHATSAPP_SETTLED: Duration = Duration::from_secs(600);
/// A request that the bridge had read, but not yet begun, is begun before this much time has passed.
pub const BRIDGE_SETTLED: Duration = Duration::from_secs(60);
