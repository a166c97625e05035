//! Every setting, once: its name, its other names, its default and what it means.
//!
//! The reader takes defaults from here, `agentlocator config` prints in this order, and `.env.example` is made of it.

/// One environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub name: &'static str,
    /// Other names under which it is read when this one is unset, first match wins.
    pub aliases: &'static [&'static str],
    /// As it would be written in the environment; empty when there is none.
    pub default: &'static str,
    pub meaning: &'static str,
    /// Never printed.
    pub secret: bool,
    /// The server does not start in production without it.
    pub production: bool,
}

/// Settings that belong together, under one heading.
pub struct Group {
    pub title: &'static str,
    pub entries: &'static [Entry],
}

const fn entry(name: &'static str, default: &'static str, meaning: &'static str) -> Entry {
    Entry {
        name,
        aliases: &[],
        default,
        meaning,
        secret: false,
        production: false,
    }
}

impl Entry {
    const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn production(mut self) -> Self {
        self.production = true;
        self
    }
}

pub const GROUPS: &[Group] = &[
    Group {
        title: "Server",
        entries: SERVER,
    },
    Group {
        title: "Database and files",
        entries: DATA,
    },
    Group {
        title: "Secrets",
        entries: SECRETS,
    },
    Group {
        title: "Telephony",
        entries: TELEPHONY,
    },
    Group {
        title: "WhatsApp",
        entries: WHATSAPP,
    },
    Group {
        title: "Mail",
        entries: MAIL,
    },
    Group {
        title: "Engines that hear, think and speak",
        entries: ENGINES,
    },
    Group {
        title: "Web push",
        entries: PUSH,
    },
    Group {
        title: "Limits",
        entries: LIMITS,
    },
    Group {
        title: "Logs and metrics",
        entries: WATCHING,
    },
];

/// All entries, in the order in which they are shown.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().flat_map(|group| group.entries)
}

const SERVER: &[Entry] = &[
    entry("APP_ENV", "development", "development, testing or production").or(&["FLASK_ENV"]),
    entry("PORT", "5000", "The port to listen on"),
    entry(
        "BIND",
        "",
        "The address to listen on: 127.0.0.1 in development, 0.0.0.0 in production",
    ),
    entry(
        "PUBLIC_BASE_URL",
        "",
        "The public https origin, as Twilio and browsers reach it; http only for a loopback address. \
         HOST counts only with a scheme; PUBLIC_HOST without one gets https",
    )
    .or(&["PUBLIC_HOST", "HOST"])
    .production(),
    entry(
        "CORS_ORIGINS",
        "",
        "Other origins whose pages may call the API, comma separated; an entry that starts with ~ is a regular expression",
    )
    .production(),
    entry(
        "TRUST_PROXY",
        "",
        "Proxies in front of the server: how many, or their networks (10.0.0.0/8,::1/128)",
    ),
    entry(
        "OUTBOUND_ALLOW",
        "",
        "host:port of private targets that webhooks and push may go to, comma separated; all other private addresses are \
         refused",
    ),
    entry(
        "DRAIN_SECONDS",
        "300",
        "How long running calls may go on after SIGTERM",
    ),
    entry(
        "BUSINESS_NAME",
        "My business",
        "Name of the business that the first start creates",
    ),
];

const DATA: &[Entry] = &[
    entry(
        "DATABASE_URL",
        "sqlite://data/agentlocator.db",
        "sqlite://path/to/file.db or postgres://user:password@host/name",
    )
    .secret()
    .production(),
    entry(
        "SQLITE_SYNCHRONOUS",
        "full",
        "full: each commit survives a power cut; normal: faster, the last ones may not",
    ),
    entry(
        "DB_SLOW_MS",
        "300",
        "Statements that take longer are logged, without their values",
    ),
    entry("DATA_DIR", "data", "Where recordings and spooled callbacks are kept"),
    entry("S3_BUCKET", "", "Recordings go to this bucket instead of DATA_DIR"),
    entry("S3_REGION", "us-east-1", "The bucket's region"),
    entry("S3_ENDPOINT", "", "An S3-compatible service other than Amazon's"),
    entry("S3_ACCESS_KEY_ID", "", "Access key of the bucket"),
    entry("S3_SECRET_ACCESS_KEY", "", "Secret key of the bucket").secret(),
    entry(
        "STORAGE_KEY",
        "",
        "Encryption of stored audio; not supported yet: the server does not start with it",
    )
    .secret(),
    entry(
        "REDIS_URL",
        "",
        "Accepted and not used: events between processes travel through PostgreSQL",
    )
    .secret(),
];

const SECRETS: &[Entry] = &[
    entry(
        "SECRET_KEY",
        "",
        "At least 32 bytes: signs media tokens, links and the audit log, encrypts secrets at rest. In development one is made and kept in DATA_DIR",
    )
    .secret()
    .production(),
    entry(
        "SECRET_KEY_PREVIOUS",
        "",
        "The keys before the last rotations, the last one first, comma separated: what was signed and encrypted under \
         them is still believed",
    )
    .secret(),
    entry(
        "JWT_SECRET",
        "",
        "At least 32 bytes, another than SECRET_KEY: signs access tokens",
    )
    .secret()
    .production(),
    entry(
        "JWT_SECRET_PREVIOUS",
        "",
        "The secret before the last rotation, still accepted",
    )
    .secret(),
];

const PUSH: &[Entry] = &[
    entry(
        "VAPID_PRIVATE_KEY",
        "",
        "Private key of web push (P-256, base64url); unset: the first start makes one and keeps it in the database",
    )
    .secret(),
    entry("VAPID_PUBLIC_KEY", "", "Its public key; checked against it when set"),
];

const TELEPHONY: &[Entry] = &[
    entry("TWILIO_ACCOUNT_SID", "", "The Twilio account (AC…)").production(),
    entry(
        "TWILIO_AUTH_TOKEN",
        "",
        "Its auth token: verifies webhooks, signs in to the API",
    )
    .secret()
    .production(),
    entry(
        "TWILIO_API_BASE",
        "https://api.twilio.com",
        "Twilio's REST API, or a private proxy or stand-in of it",
    ),
    entry(
        "CALL_MODE",
        "realtime",
        "How calls are answered unless the business says otherwise: realtime, turn_based or voicemail",
    ),
    entry("MAX_CONCURRENT_CALLS", "200", "More calls than this get the voicemail"),
];

const WHATSAPP: &[Entry] = &[
    entry(
        "WHATSAPP_PROVIDER",
        "",
        "Who carries messages first: baileys, twilio or meta; a business may choose otherwise. Unset: by WA_PROVIDER_PRIORITY",
    ),
    entry(
        "WA_PROVIDER_PRIORITY",
        "baileys,twilio,meta",
        "In which order the providers are tried",
    ),
    entry(
        "ENABLE_WA_BAILEYS",
        "",
        "true or false; unset: on when WA_SHARED_SECRET is set",
    ),
    entry(
        "ENABLE_WA_TWILIO",
        "",
        "true or false; unset: on when TWILIO_WA_FROM is set, beside the Twilio account",
    ),
    entry(
        "ENABLE_WA_META",
        "",
        "true or false; unset: on when META_WA_TOKEN and META_WA_PHONE_NUMBER_ID are set",
    ),
    entry("TWILIO_WA_FROM", "", "Twilio's WhatsApp number: whatsapp:+972…").or(&["TWILIO_WHATSAPP_NUMBER"]),
    entry(
        "TWILIO_STATUS_CALLBACK_SECRET",
        "",
        "A second secret in the address of status callbacks, beside Twilio's signature",
    )
    .secret(),
    entry("WA_BAILEYS_PORT", "8000", "The bridge's port on this machine"),
    entry(
        "WA_SHARED_SECRET",
        "",
        "What the server and the bridge sign with; at least 32 bytes in production",
    )
    .secret(),
    entry(
        "WA_SESSION_DIR",
        "baileys-bridge/session",
        "Where the bridge keeps its sessions",
    ),
    entry(
        "WA_SEND_INTERVAL_MS",
        "3000",
        "The bridge's pause between two messages, with jitter",
    ),
    entry(
        "WA_BURST_MS",
        "4000",
        "The agent waits so long for what else a person writes before it answers",
    ),
    entry("META_WA_TOKEN", "", "The access token of Meta's Cloud API").secret(),
    entry("META_WA_PHONE_NUMBER_ID", "", "Meta's id of the number"),
    entry("META_APP_SECRET", "", "Meta's app secret: verifies webhooks").secret(),
    entry(
        "META_VERIFY_TOKEN",
        "",
        "What Meta must say when it verifies the webhook's address",
    )
    .secret(),
    entry(
        "META_API_BASE",
        "https://graph.facebook.com",
        "Meta's Graph API, or a private proxy or stand-in of it",
    ),
    entry("META_API_VERSION", "v26.0", "The version of Meta's Graph API"),
];

const MAIL: &[Entry] = &[
    entry(
        "SMTP_URL",
        "",
        "The mail server: smtps://user:password@host or smtp://user:password@host:587 (STARTTLS; ?tls=none for none); \
         without it no mail is sent",
    )
    .secret(),
    entry(
        "MAIL_FROM",
        "",
        "Whom mails come from: office@example.com or My Business <office@example.com>",
    ),
];

const ENGINES: &[Entry] = &[
    entry(
        "OPENAI_API_KEY",
        "",
        "Key of the OpenAI-compatible service; not needed by a local one",
    )
    .secret(),
    entry(
        "OPENAI_BASE_URL",
        "https://api.openai.com/v1",
        "The OpenAI-compatible service",
    ),
    entry("STT_BASE_URL", "", "Another service for speech recognition"),
    entry("LLM_BASE_URL", "", "Another service for the language model"),
    entry("TTS_BASE_URL", "", "Another service for speech"),
    entry("STT_MODEL", "whisper-1", "Model that hears"),
    entry("LLM_MODEL", "gpt-4o-mini", "Model that thinks"),
    entry("TTS_MODEL", "gpt-4o-mini-tts", "Model that speaks"),
    entry("TTS_VOICE", "coral", "Voice of the model that speaks"),
    entry("STT_ORDER", "google,openai", "Recognisers, first choice first"),
    entry(
        "LLM_ORDER",
        "openai,scripted",
        "Language models, first choice first; scripted always ends the list",
    ),
    entry(
        "TTS_ORDER",
        "google,openai,gtts,espeak",
        "Voices, first choice first; espeak always ends the list",
    ),
    entry(
        "GTTS_BASE_URL",
        "https://translate.google.com",
        "The public Google Translate voice",
    ),
];

const LIMITS: &[Entry] = &[
    entry(
        "RATE_AUTH",
        "10/minute",
        "Sign-in requests of one address: N/second, N/minute, N/hour or off (all RATE_ settings)",
    ),
    entry("RATE_SEND", "30/minute", "Messages of one person"),
    entry("RATE_API", "300/minute", "Other API requests, of one person or address"),
    entry(
        "RATE_WEBHOOK_UNVERIFIED",
        "",
        "Badly signed webhooks of one address; unset: 30/minute, status callbacks 60/minute",
    ),
    entry(
        "RATE_WEBHOOK_VERIFIED",
        "30000/minute",
        "Well signed webhooks of one business",
    ),
];

const WATCHING: &[Entry] = &[
    entry(
        "LOG_LEVEL",
        "info",
        "trace, debug, info, warn or error; also per module: info,platform=debug",
    ),
    entry("LOG_FORMAT", "plain", "plain or json"),
    entry("LOG_DIR", "", "Also writes daily files here"),
    entry(
        "METRICS_TOKEN",
        "",
        "Bearer token that /metrics asks for; in production there is none without it",
    )
    .secret(),
    entry("GIT_COMMIT", "", "Shown at /version; default: the build's"),
    entry("BUILD_TIME", "", "Shown at /version; default: the build's"),
    entry("DEPLOY_ID", "", "Shown at /version"),
];
