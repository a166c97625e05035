/** Every limit of the bridge, with its reason. */

/** A request of the server: the longest text WhatsApp takes is 65,536 characters; media comes by address, never inside. */
export const BODY_BYTES = 1024 * 1024;

/** A file to send; the server takes uploads of 25 MiB. */
export const OUTGOING_MEDIA_BYTES = 64 * 1024 * 1024;

export const MEDIA_FETCH_MS = 60_000;

/** From one address of a file to send to the next. */
export const MEDIA_REDIRECTS = 3;

/** How far the clocks of both sides may differ (spec 09). */
export const SIGNATURE_TOLERANCE_S = 300;

/** Twice the tolerance, so that a signature is remembered for as long as it could be shown again. */
export const REPLAYS_KEPT_MS = 600_000;

/** The server waits 10 s for a send; what would wait longer than this for its turn is refused as certainly not taken. */
export const SEND_WAIT_MS = 7_000;

/** Sends of one business that wait for their turn. */
export const SENDS_WAITING = 50;

/** Messages to one person in a minute, while there is a pace at all. */
export const SENDS_PER_NUMBER_PER_MINUTE = 12;

/** A phone that was linked today sends at half the pace. */
export const WARM_UP_MS = 24 * 3600_000;

/** How long a send waits for WhatsApp's acknowledgement before it answers `sending`. */
export const ACK_WAIT_MS = 1_500;

/** Events of one business on their way to the server at once; within a chat there is never more than one. */
export const DELIVERIES_AT_ONCE = 8;

export const DELIVERY_TIMEOUT_MS = 15_000;
export const DELIVERY_BACKOFF_MS = { first: 500, most: 60_000 };

/** After a lost connection. */
export const RECONNECT_BACKOFF_MS = { first: 1_000, most: 120_000 };

/** WhatsApp asks for a new connection (515) now and then; when it does so more often, each waits longer. */
export const RESTARTS_AT_ONCE = 3;
export const RESTARTS_APART_MS = 60_000;

/** How often a full disk is tried again. */
export const DISK_PROBE_MS = 30_000;

/** Messages held in memory while the disk takes nothing; the session is stopped by then, so few can come. */
export const UNWRITTEN_MESSAGES = 1_000;

/** A code's first life is 60 s, each later one 20 s: set by the library (`qrTimeout` and its default). */
export const QR_FIRST_MS = 60_000;
export const QR_NEXT_MS = 20_000;

/** How long `GET …/qr` and `POST …/pair` wait for WhatsApp to offer a code. */
export const QR_WAIT_MS = 8_000;

/** A session that nobody has linked goes on asking for codes this long after it was last asked for one. */
export const UNLINKED_MS = 300_000;

/** The raw form of a message of an unknown kind, as text. */
export const RAW_CHARACTERS = 32_768;

/** How long a message's id is remembered, against its coming twice. */
export const SEEN_KEPT_MS = 14 * 24 * 3600_000;

/** How long a send is remembered; its contents only as long as its receiver may ask for it again. */
export const SENDS_KEPT_MS = 30 * 24 * 3600_000;
export const PAYLOADS_KEPT_MS = 3 * 24 * 3600_000;

/** How long a file that came can be fetched; WhatsApp's own servers keep it about as long. */
export const MEDIA_KEPT_MS = 14 * 24 * 3600_000;
export const MEDIA_URL_MS = 7 * 24 * 3600_000;

/** A number that WhatsApp knows is not asked for again. */
export const KNOWN_KEPT_MS = 30 * 24 * 3600_000;

/** What came before this connection, cannot be made and did not come again this long after the backlog is lost. */
export const ARRIVAL_GRACE_MS = 20_000;

/** Running sends have this long to end when the bridge is told to stop. */
export const SHUTDOWN_MS = 5_000;

/** Old rows are removed this often. */
export const PRUNE_MS = 3600_000;
